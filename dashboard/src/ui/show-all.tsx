import { Button } from "./button.tsx";
import { number } from "./numbers.ts";

/** Below a shortened list: shows all of it, or the first entries again. */
export function ShowAll({
  total,
  noun = "",
  isAll,
  onChange,
  className = "px-4 py-2",
}: {
  readonly total: number;
  /** Such as `limits`. */
  readonly noun?: string;
  readonly isAll: boolean;
  readonly onChange: (isAll: boolean) => void;
  readonly className?: string;
}) {
  return (
    <p className={`border-t border-line text-right ${className}`}>
      <Button look="quiet" onClick={() => onChange(!isAll)}>
        {isAll ? "Show fewer" : `Show all ${number(total)} ${noun}`.trimEnd()}
      </Button>
    </p>
  );
}
