/** Quick ranges up to now, and a custom range. */
import { type FormEvent, useState } from "react";
import { Button } from "./button.tsx";
import { dayAndTime } from "./clock.ts";
import { Dialog } from "./dialog.tsx";
import { inputClass } from "./field.tsx";
import { SpanButton } from "./span-buttons.tsx";
import { type Period, type QuickRange, quickRanges, useTimeRange } from "./time-range.ts";

/** @param first the page's default range; null: all times, with a button for them */
export function TimePicker({ first }: { readonly first: QuickRange | null }) {
  const { quick, period, pickQuick, pickPeriod, clear } = useTimeRange();
  const [isOpen, setIsOpen] = useState(false);
  const shown = period === null ? (quick ?? first) : null;
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">Time span</legend>
      {first === null && (
        <SpanButton label="All" isChosen={shown === null && period === null} onClick={clear} />
      )}
      {(Object.keys(quickRanges) as QuickRange[]).map((name) => (
        <SpanButton key={name} label={name} isChosen={name === shown} onClick={() => pickQuick(name)} />
      ))}
      <SpanButton
        label={period === null ? "From–to…" : periodWords(period)}
        isChosen={period !== null}
        onClick={() => setIsOpen(true)}
      />
      <Dialog title="From one time to another" isOpen={isOpen} onClose={() => setIsOpen(false)}>
        {isOpen && (
          <PeriodForm
            given={period}
            onPick={(picked) => {
              setIsOpen(false);
              pickPeriod(picked);
            }}
          />
        )}
      </Dialog>
    </fieldset>
  );
}

function PeriodForm({
  given,
  onPick,
}: {
  readonly given: Period | null;
  readonly onPick: (period: Period) => void;
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

export function periodWords({ from, to }: Period): string {
  return `${dayAndTime(from)} – ${dayAndTime(to)}`;
}
