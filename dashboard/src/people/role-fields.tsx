/** Fields for a role and its apps, for invitations and for existing accounts. */
import type { Role } from "@soketify/admin";
import { AppChoice } from "../apps/app-choice.tsx";
import { SelectField } from "../ui/field.tsx";

export interface RoleAndApps {
  readonly role: Role;
  /** Null: all apps. */
  readonly appIds: readonly string[] | null;
}

const roles: readonly { readonly role: Role; readonly words: string }[] = [
  { role: "viewer", words: "can see everything except secrets" },
  { role: "developer", words: "can see and change selected apps" },
  { role: "admin", words: "can change everything except owners" },
  { role: "owner", words: "can change everything" },
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
          Only selected apps
        </label>
      )}
      {appIds !== null && (
        <AppChoice
          chosen={appIds}
          onChange={(chosen) => onChange({ role, appIds: chosen })}
          none="If no app is selected, the person sees no apps."
        />
      )}
    </>
  );
}
