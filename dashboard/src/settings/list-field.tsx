/** An input for the list of a setting, with one entry per line. */
import { useState } from "react";
import { inputClass } from "../ui/field.tsx";

interface ListFieldProps {
  readonly label: string;
  readonly value: readonly string[];
  readonly isDisabled: boolean;
  readonly onChange: (value: string[]) => void;
}

export function ListField({ label, value, isDisabled, onChange }: ListFieldProps) {
  const [typed, setTyped] = useState("");
  // A new line that is still empty is in the text, but not in the list.
  const isOfValue = entriesOf(typed).join("\n") === value.join("\n");
  return (
    <textarea
      aria-label={label}
      placeholder="One per line"
      disabled={isDisabled}
      value={isOfValue ? typed : value.join("\n")}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(entriesOf(target.value));
      }}
      className={`${inputClass} h-16 py-1.5 font-mono`}
    />
  );
}

function entriesOf(text: string): string[] {
  return text.split(/\s+/).filter((part) => part !== "");
}
