import { useState } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

const shownForMs = 1_600;

/** Copies a text, or the text that the function `text` fetches. Shows "Copied" for a moment. */
export function CopyButton({
  text,
  label,
  caption,
}: {
  readonly text: string | (() => Promise<string>);
  /** The accessible name, such as `Copy the key`. */
  readonly label: string;
  readonly caption?: string;
}) {
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);
  const copy = async () => {
    const isCopied = await Promise.resolve(typeof text === "string" ? text : text())
      .then((value) => navigator.clipboard.writeText(value))
      .then(
        () => true,
        () => false,
      );
    setOutcome(isCopied ? "copied" : "failed");
    setTimeout(() => setOutcome(null), shownForMs);
  };
  return (
    <Button look="quiet" aria-label={label} title={label} onClick={() => void copy()} isTight>
      <Icon name={outcome === "copied" ? "check" : outcome === "failed" ? "warn" : "copy"} />
      {caption}
      <span role="status" className="sr-only">
        {outcome === "copied" ? "Copied" : outcome === "failed" ? "The browser did not allow the copy" : ""}
      </span>
    </Button>
  );
}
