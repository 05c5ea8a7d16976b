/** A form for limits and features. Each setting shows its description and default. */
import type { App, AppSettingRule } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { useChange, useGet } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Toggle } from "../ui/field.tsx";
import { Panel } from "../ui/page.tsx";
import { Failure, Loaded } from "../ui/states.tsx";
import { useUnsavedGuard } from "../ui/use-unsaved-guard.ts";
import { AmountField } from "./amount-field.tsx";
import { amountWords, rangeWords } from "./amounts.ts";
import { ListField } from "./list-field.tsx";
import { helpWords, titleOf } from "./setting-titles.ts";

type Settings = App["settings"];
type Value = Settings[keyof Settings];
type ShownRule = Exclude<AppSettingRule, { kind: "rules" }>;

export function LimitsForm({ app, mayChange }: { readonly app: App; readonly mayChange: boolean }) {
  const rules = useGet("GET /setting-rules", {});
  const [changed, setChanged] = useState<Changed>({});
  const change = useChange("PATCH /apps/{appId}");
  const values: Record<string, Value> = { ...app.settings, ...changed };
  const isChanged = Object.keys(changed).length > 0;
  useUnsavedGuard(isChanged);
  const [isChecked, setIsChecked] = useState(false);
  const issues = change.error?.problem.issues ?? [];
  const problemOf = (name: string, rule: ShownRule) =>
    (isChecked ? problemOfValue(name, rule, values[name]) : undefined) ??
    issues.find(({ path }) => path === `settings.${name}`)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsChecked(true);
    const shown = Object.entries(rules.data?.rules ?? {});
    if (
      shown.some(
        ([name, rule]) => rule.kind !== "rules" && problemOfValue(name, rule, values[name]) !== undefined,
      )
    )
      return;
    change.mutate(
      { path: { appId: app.id }, body: { settings: changed as Partial<Settings> } },
      // What was typed during the request is not saved.
      { onSuccess: () => setChanged((now) => withoutSaved(now, changed)) },
    );
  };
  return (
    <Panel
      title="Limits and features"
      lead="Changes take effect immediately, also for open connections. Settings that Pusher has use Pusher's defaults."
      isFlush
    >
      <Loaded of={rules} rows={10}>
        {(answer) => (
          <form noValidate onSubmit={submit}>
            <ul className="divide-y divide-line">
              {Object.entries(answer.rules).map(([name, rule]) =>
                // Channel rules have a panel of their own.
                rule.kind === "rules" ? null : (
                  <SettingRow
                    key={name}
                    name={name}
                    rule={rule}
                    value={values[name] ?? rule.default}
                    isDisabled={!mayChange}
                    problem={problemOf(name, rule)}
                    onChange={(value) => setChanged((now) => ({ ...now, [name]: value }))}
                  />
                ),
              )}
            </ul>
            <div className="sticky bottom-0 flex flex-wrap items-center justify-end gap-2 rounded-b-lg border-t border-line bg-panel px-4 py-3">
              {change.error !== null && <Failure error={change.error} />}
              <Button disabled={!isChanged} onClick={() => setChanged({})}>
                Undo
              </Button>
              <Button type="submit" look="primary" disabled={!isChanged} isBusy={change.isPending}>
                Save changes
              </Button>
            </div>
          </form>
        )}
      </Loaded>
    </Panel>
  );
}

type Changed = Partial<Record<string, Value>>;

function withoutSaved(changed: Changed, saved: Changed): Changed {
  return Object.fromEntries(
    Object.entries(changed).filter(([name, value]) => !Object.is(value, saved[name])),
  );
}

interface SettingRowProps {
  readonly name: string;
  readonly rule: ShownRule;
  readonly value: Value;
  readonly isDisabled: boolean;
  readonly problem: string | undefined;
  readonly onChange: (value: Value) => void;
}

function SettingRow(props: SettingRowProps) {
  const { name, rule, problem } = props;
  return (
    <li className="grid items-center gap-2 px-4 py-3 sm:grid-cols-[minmax(0,1fr)_14rem]">
      <div className="min-w-0">
        <p className="text-[13px] font-medium">{titleOf(name)}</p>
        <p className="text-xs text-soft">
          {helpWords(rule.help)}. <span className="text-faint">Default: {defaultOf(name, rule)}</span>
        </p>
      </div>
      <div className="grid gap-1 sm:justify-items-end">
        <SettingInput {...props} />
        {problem !== undefined && (
          <p id={`${name}-problem`} className="text-xs text-bad sm:text-right">
            {problem}
          </p>
        )}
      </div>
    </li>
  );
}

function SettingInput({ name, rule, value, isDisabled, problem, onChange }: SettingRowProps) {
  const label = titleOf(name);
  switch (rule.kind) {
    case "toggle":
      return <Toggle label={label} isOn={value === true} isDisabled={isDisabled} onChange={onChange} />;
    case "number":
      return (
        <AmountField
          setting={name}
          label={label}
          value={Number(value)}
          isDisabled={isDisabled}
          isInvalid={problem !== undefined}
          describedBy={problem === undefined ? undefined : `${name}-problem`}
          onChange={onChange}
        />
      );
    case "list":
      return (
        <ListField
          label={label}
          value={Array.isArray(value) ? value.map(String) : []}
          isDisabled={isDisabled}
          onChange={onChange}
        />
      );
    default:
      throw rule satisfies never;
  }
}

/** A text that is no amount is NaN. */
function problemOfValue(name: string, rule: ShownRule, value: Value | undefined): string | undefined {
  if (rule.kind !== "number" || value === undefined) return undefined;
  const isRight = Number.isInteger(value) && Number(value) >= rule.min && Number(value) <= rule.max;
  return isRight ? undefined : rangeWords(name, rule);
}

function defaultOf(name: string, rule: ShownRule): string {
  switch (rule.kind) {
    case "toggle":
      return rule.default ? "on" : "off";
    case "number":
      return rule.zeroMeansUnlimited && rule.default === 0 ? "no limit" : amountWords(name, rule.default);
    case "list":
      return rule.default.length === 0 ? "empty" : rule.default.join(", ");
    default:
      throw rule satisfies never;
  }
}
