/** An input for the number of a setting. Times and sizes are typed with their unit, such as `30 min`. */
import { useState } from "react";
import { inputClass } from "../ui/field.tsx";
import { amountOf, amountWords, hasUnit } from "./amounts.ts";

interface AmountFieldProps {
  readonly setting: string;
  readonly label: string;
  /** NaN: the text is no amount. */
  readonly value: number;
  readonly isDisabled: boolean;
  readonly isInvalid: boolean;
  /** The id of the element that describes it. */
  readonly describedBy: string | undefined;
  readonly onChange: (value: number) => void;
}

export function AmountField(props: AmountFieldProps) {
  const { setting, label, value, isDisabled, isInvalid, describedBy, onChange } = props;
  const attributes = {
    "aria-label": label,
    "aria-invalid": isInvalid,
    "aria-describedby": describedBy,
    disabled: isDisabled,
    className: `${inputClass} text-right tabular-nums [appearance:textfield] sm:w-36`,
  };
  if (hasUnit(setting))
    return <TextWithUnit setting={setting} value={value} onChange={onChange} attributes={attributes} />;
  return (
    <input
      type="number"
      {...attributes}
      value={Number.isNaN(value) ? "" : value}
      onChange={(event) => onChange(event.target.valueAsNumber)}
    />
  );
}

function TextWithUnit({
  setting,
  value,
  onChange,
  attributes,
}: Pick<AmountFieldProps, "setting" | "value" | "onChange"> & { readonly attributes: object }) {
  /** Null: the value in its own words. */
  const [typed, setTyped] = useState<string | null>(null);
  const isOfValue = typed !== null && Object.is(amountOf(setting, typed), value);
  return (
    <input
      {...attributes}
      autoComplete="off"
      spellCheck={false}
      value={isOfValue ? typed : Number.isNaN(value) ? "" : amountWords(setting, value)}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(amountOf(setting, target.value));
      }}
      onBlur={() => {
        if (!Number.isNaN(value)) setTyped(null);
      }}
    />
  );
}
