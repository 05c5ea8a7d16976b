/** Buttons that choose the time span that a page shows. */
import { Button } from "./button.tsx";

/** @param labels the text of each span's button, in their order */
export function SpanButtons<Span extends string>({
  labels,
  span,
  onSpan,
}: {
  readonly labels: Readonly<Record<Span, string>>;
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
}) {
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Time span</legend>
      {(Object.keys(labels) as Span[]).map((name) => (
        <Button
          key={name}
          aria-pressed={name === span}
          look={name === span ? "plain" : "quiet"}
          onClick={() => onSpan(name)}
        >
          {labels[name]}
        </Button>
      ))}
    </fieldset>
  );
}
