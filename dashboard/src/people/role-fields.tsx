/** What somebody may do and where: the same choice for who is invited and for who is there. */
import type { Role } from "../../../server/src/admin-api/contracts/people.ts";
import { AppChoice } from "../apps/app-choice.tsx";
import { SelectField } from "../ui/field.tsx";

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
        <AppChoice
          chosen={appIds}
          onChange={(chosen) => onChange({ role, appIds: chosen })}
          none="With no app chosen they see none."
        />
      )}
    </>
  );
}
