/** Quick ranges up to now, and a custom range. */
import { type FormEvent, useState } from "react";
import { Button } from "./button.tsx";
import { dayAndTime } from "./clock.ts";
import { Dialog } from "./dialog.tsx";
import { inputClass } from "./field.tsx";
import { SpanButton } from "./span-buttons.tsx";
import { type QuickRange, quickRanges, type Stretch, useTimeRange } from "./time-range.ts";

/** @param first the page's default range; null: all times, with a button for them */
export function TimePicker({ first }: { readonly first: QuickRange | null }) {
  const { quick, stretch, pickQuick, pickStretch, clear } = useTimeRange();
  const [isOpen, setIsOpen] = useState(false);
  const shown = stretch === null ? (quick ?? first) : null;
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">Time span</legend>
      {first === null && (
        <SpanButton label="All" isChosen={shown === null && stretch === null} onClick={clear} />
      )}
      {(Object.keys(quickRanges) as QuickRange[]).map((name) => (
        <SpanButton key={name} label={name} isChosen={name === shown} onClick={() => pickQuick(name)} />
      ))}
      <SpanButton
        label={stretch === null ? "From–to…" : stretchWords(stretch)}
        isChosen={stretch !== null}
        onClick={() => setIsOpen(true)}
      />
      <Dialog title="From one time to another" isOpen={isOpen} onClose={() => setIsOpen(false)}>
        {isOpen && (
          <StretchForm
            given={stretch}
            onPick={(picked) => {
              setIsOpen(false);
              pickStretch(picked);
            }}
          />
        )}
      </Dialog>
    </fieldset>
  );
}

function StretchForm({
  given,
  onPick,
}: {
  readonly given: Stretch | null;
  readonly onPick: (stretch: Stretch) => void;
}) {
  const [from, setFrom] = useState(() =>
    localText(given === null ? Date.now() - 3_600_000 : Date.parse(given.from)),
  );
  const [to, setTo] = useState(() => localText(given === null ? Date.now() : Date.parse(given.to)));
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [fromMs, toMs] = [new Date(from).getTime(), new Date(to).getTime()];
    if (!(fromMs < toMs)) return setProblem("The first time must be before the second.");
    onPick({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  };
  const field = (label: string, value: string, onChange: (text: string) => void) => (
    <label className="grid gap-1 text-[13px]">
      {label}
      <input
        type="datetime-local"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={inputClass}
      />
    </label>
  );
  return (
    <form onSubmit={submit} className="grid gap-4">
      {field("From", from, setFrom)}
      {field("To", to, setTo)}
      <p className="text-xs text-soft">
        Times are in this browser's time zone. Minutes are stored for 48 hours, and hours for 90 days.
      </p>
      {problem !== null && (
        <p role="alert" className="text-[13px] text-bad">
          {problem}
        </p>
      )}
      <Button type="submit" look="primary">
        Show
      </Button>
    </form>
  );
}

/** In the format of `datetime-local`. */
function localText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function stretchWords({ from, to }: Stretch): string {
  return `${dayAndTime(from)} – ${dayAndTime(to)}`;
}
