/** Asks for confirmation in a dialog: the consequences, a button to cancel and a button to proceed. */
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Failure } from "./states.tsx";

export function Confirmation({
  confirmLabel,
  keep,
  change: { error, isPending },
  onDo,
  onKeep,
  children,
}: {
  /** The label of the button that proceeds. */
  readonly confirmLabel: string;
  /** The label of the button that cancels. */
  readonly keep: string;
  readonly change: { readonly error: Error | null; readonly isPending: boolean };
  readonly onDo: () => void;
  readonly onKeep: () => void;
  readonly children: ReactNode;
}) {
  return (
    <div className="grid gap-4">
      <p className="text-soft">{children}</p>
      {error !== null && <Failure error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onKeep}>{keep}</Button>
        <Button look="danger" isBusy={isPending} onClick={onDo}>
          {confirmLabel}
        </Button>
      </div>
    </div>
  );
}
