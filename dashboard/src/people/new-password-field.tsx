/** A field for a new password. The browser checks only its length; the server checks the rest. */
import type { PasswordLengthMax, PasswordLengthMin } from "../../../server/src/admin-api/contracts/people.ts";
import { TextField } from "../ui/field.tsx";

const minLength: PasswordLengthMin = 10;
const maxLength: PasswordLengthMax = 256;

export function NewPasswordField({ label, name }: { readonly label: string; readonly name: string }) {
  return (
    <TextField
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      minLength={minLength}
      maxLength={maxLength}
      hint={`At least ${minLength} characters. Several random words work well.`}
      required
    />
  );
}
