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
        <SpanButton key={name} label={labels[name]} isChosen={name === span} onClick={() => onSpan(name)} />
      ))}
    </fieldset>
  );
}

export function SpanButton({
  label,
  isChosen,
  onClick,
}: {
  readonly label: string;
  readonly isChosen: boolean;
  readonly onClick: () => void;
}) {
  return (
    <Button aria-pressed={isChosen} look={isChosen ? "plain" : "quiet"} onClick={onClick}>
      {label}
    </Button>
  );
}
