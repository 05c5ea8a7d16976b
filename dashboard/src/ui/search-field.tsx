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
        // It searches with each letter; in a form, Enter would send that.
        if (event.key === "Enter") event.preventDefault();
      }}
      className={`${inputClass} max-w-sm bg-panel`}
    />
  );
}
