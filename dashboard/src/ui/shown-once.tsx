/** Shows a value that the server returns only once, so that the person can copy it. */
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { CodeBlock } from "./code-block.tsx";

export function ShownOnce({
  code,
  label,
  onDone,
  children,
}: {
  readonly code: string;
  readonly label: string;
  readonly onDone: () => void;
  readonly children: ReactNode;
}) {
  return (
    <div className="grid gap-3">
      <p className="text-soft">{children}</p>
      <CodeBlock code={code} label={label} />
      <Button look="primary" onClick={onDone}>
        Done
      </Button>
    </div>
  );
}
