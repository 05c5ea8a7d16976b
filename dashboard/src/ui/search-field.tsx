import { inputClass } from "./field.tsx";

export function SearchField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        // The search runs on each letter. Inside a form, Enter would submit the form.
        if (event.key === "Enter") event.preventDefault();
      }}
      className={`${inputClass} max-w-sm bg-panel`}
    />
  );
}
