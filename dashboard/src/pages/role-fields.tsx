/** What somebody may do and where: the same choice for who is invited and for who is there. */
import type { Role } from "../../../server/src/admin-api/people-contract.ts";
import { useGet } from "../api/use-api.ts";
import { SelectField } from "../ui/field.tsx";
import { Loaded } from "../ui/states.tsx";

export interface RoleAndApps {
  readonly role: Role;
  /** Null: all. */
  readonly appIds: readonly string[] | null;
}

const roles: readonly { readonly role: Role; readonly words: string }[] = [
  { role: "viewer", words: "sees everything but secrets, changes nothing" },
  { role: "developer", words: "works with chosen apps" },
  { role: "admin", words: "changes everything but owners" },
  { role: "owner", words: "changes everything" },
];

interface RoleFieldsProps {
  readonly value: RoleAndApps;
  readonly onChange: (value: RoleAndApps) => void;
}

export function RoleFields({ value: { role, appIds }, onChange }: RoleFieldsProps) {
  return (
    <>
      <SelectField
        label="Role"
        value={role}
        onChange={({ target }) => {
          const next = target.value as Role;
          onChange({ role: next, appIds: next === "developer" ? (appIds ?? []) : null });
        }}
      >
        {roles.map((one) => (
          <option key={one.role} value={one.role}>
            {one.role}: {one.words}
          </option>
        ))}
      </SelectField>
      {role === "viewer" && (
        <label className="flex items-center gap-2 text-[13px]">
          <input
            type="checkbox"
            checked={appIds !== null}
            onChange={({ target }) => onChange({ role, appIds: target.checked ? [] : null })}
          />
          Only chosen apps
        </label>
      )}
      {appIds !== null && (
        <AppChoice chosen={appIds} onChange={(chosen) => onChange({ role, appIds: chosen })} />
      )}
    </>
  );
}

function AppChoice({
  chosen,
  onChange,
}: {
  readonly chosen: readonly string[];
  readonly onChange: (appIds: readonly string[]) => void;
}) {
  const apps = useGet("GET /apps", { query: { limit: 500 } });
  return (
    <fieldset className="text-[13px]">
      <legend className="mb-1 font-medium">Apps</legend>
      <Loaded of={apps} rows={2}>
        {(page) => (
          <div className="grid max-h-48 gap-1.5 overflow-y-auto rounded-md border border-line bg-page px-3 py-2">
            {page.apps.map(({ id, name }) => (
              <label key={id} className="flex items-center gap-2">
                <input
                  type="checkbox"
                  checked={chosen.includes(id)}
                  onChange={({ target }) =>
                    onChange(target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
                  }
                />
                <span className="min-w-0 truncate">{name}</span>
                <span className="font-mono text-xs text-faint">{id}</span>
              </label>
            ))}
          </div>
        )}
      </Loaded>
      {chosen.length === 0 && <p className="mt-1 text-xs text-warn">With no app chosen they see none.</p>}
    </fieldset>
  );
}

/** Apps as one reads them in a table. */
export function AppNames({ appIds }: Pick<RoleAndApps, "appIds">) {
  const apps = useGet("GET /apps", { query: { limit: 500 } });
  if (appIds === null) return <span className="text-faint">all</span>;
  if (appIds.length === 0) return <span className="text-warn">none</span>;
  const names = appIds.map((id) => apps.data?.apps.find((app) => app.id === id)?.name ?? id).join(" · ");
  return (
    <span className="line-clamp-2" title={names}>
      {names}
    </span>
  );
}
