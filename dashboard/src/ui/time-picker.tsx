/** Quick ranges up to now, and a custom range. */
import { type FormEvent, useState } from "react";
import { Button } from "./button.tsx";
import { dayAndTime, timeOf, typedForm, typedTime, zoneName } from "./clock.ts";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";
import { SpanButton } from "./span-buttons.tsx";
import { type Period, type QuickRange, quickRanges, useTimeRange } from "./time-range.ts";

const formProblem = `Must be a time such as 2026-11-24 14:05 (${typedForm})`;

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
    typedTime(given === null ? Date.now() - 3_600_000 : Date.parse(given.from)),
  );
  const [to, setTo] = useState(() => typedTime(given === null ? Date.now() : Date.parse(given.to)));
  const [wasSent, setWasSent] = useState(false);
  const [fromMs, toMs] = [timeOf(from), timeOf(to)];
  const isInOrder = fromMs === null || toMs === null || fromMs < toMs;
  const problems = {
    from: fromMs === null ? formProblem : undefined,
    to: toMs === null ? formProblem : isInOrder ? undefined : "Must be after the first time",
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setWasSent(true);
    if (fromMs === null || toMs === null || !isInOrder) return;
    onPick({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  };
  const field = { hint: typedForm, autoComplete: "off", spellCheck: false, required: true } as const;
  return (
    <form noValidate onSubmit={submit} className="grid gap-3">
      <TextField
        {...field}
        label="From"
        value={from}
        problem={wasSent ? problems.from : undefined}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        {...field}
        label="To"
        value={to}
        problem={wasSent ? problems.to : undefined}
        onChange={(event) => setTo(event.target.value)}
      />
      <p className="text-xs text-soft">
        Times are in this browser's time zone, {zoneName()}. Minutes are stored for 48 hours, and hours for 90
        days.
      </p>
      <Button type="submit" look="primary">
        Show
      </Button>
    </form>
  );
}

export function periodWords({ from, to }: Period): string {
  return `${dayAndTime(from)} – ${dayAndTime(to)}`;
}
