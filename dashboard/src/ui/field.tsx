/** Labelled inputs. */
import { type ComponentProps, type ReactNode, useId } from "react";

export const inputClass =
  "h-9 w-full min-w-0 rounded-md border border-line bg-page px-2.5 text-[13px] text-ink placeholder:text-faint disabled:opacity-60";

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** The error message for an invalid value. */
  readonly problem?: string | undefined;
}

export function TextField({ label, hint, problem, ...input }: FieldProps & ComponentProps<"input">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem}>
      <input
        {...input}
        id={id}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem !== undefined}
        className={inputClass}
      />
    </Labelled>
  );
}

export function TextArea({ label, hint, problem, ...input }: FieldProps & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem}>
      <textarea
        {...input}
        id={id}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem !== undefined}
        className={`${inputClass} h-auto min-h-24 py-2 font-mono`}
      />
    </Labelled>
  );
}

export function SelectField({
  label,
  hint,
  problem,
  children,
  ...input
}: FieldProps & ComponentProps<"select">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem}>
      <select {...input} id={id} aria-describedby={`${id}-hint`} className={inputClass}>
        {children}
      </select>
    </Labelled>
  );
}

function Labelled({
  id,
  label,
  hint,
  problem,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="text-[13px] font-medium">
        {label}
      </label>
      {children}
      <p id={`${id}-hint`} className={`text-xs ${problem === undefined ? "text-faint" : "text-bad"}`}>
        {problem ?? hint}
      </p>
    </div>
  );
}

export function Toggle({
  label,
  isOn,
  onChange,
  isDisabled = false,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly isDisabled?: boolean;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
      className={`relative h-5 w-9 shrink-0 rounded-full border transition-colors disabled:opacity-50 ${isOn ? "border-accent bg-accent" : "border-faint bg-raised"}`}
    >
      <span
        className={`absolute top-0.5 left-0.5 size-3.5 rounded-full transition-transform ${isOn ? "translate-x-4 bg-white" : "bg-faint"}`}
      />
    </button>
  );
}
