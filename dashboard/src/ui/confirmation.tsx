/** Inside a dialog, before what cannot be undone: what it means, a way out, and the deed. */
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Failure } from "./states.tsx";

export function Confirmation({
  deed,
  keep,
  change: { error, isPending },
  onDo,
  onKeep,
  children,
}: {
  /** The words of the button that does it. */
  readonly deed: string;
  /** The words of the way out. */
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
          {deed}
        </Button>
      </div>
    </div>
  );
}
