/** The fields of one channel rule: its pattern, its settings and its position in the list. */
import type { App, AppSettingRule } from "@soketify/admin";
import { useId } from "react";
import { Button } from "../ui/button.tsx";
import { inputClass, TextField, Toggle } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { AmountField } from "./amount-field.tsx";
import { rangeWords } from "./amounts.ts";
import { helpWords, titleOf } from "./setting-titles.ts";

export type ChannelRule = App["settings"]["channelRules"][number];
/** The settings that a rule can contain. */
export type RuleKeys = Extract<AppSettingRule, { readonly kind: "rules" }>["keys"];

interface RuleFieldsProps {
  readonly rule: ChannelRule;
  readonly keys: RuleKeys;
  /** The settings of the app, which apply without the rule. */
  readonly settings: App["settings"];
  /** The index in the list, from 0. */
  readonly index: number;
  readonly isLast: boolean;
  readonly isDisabled: boolean;
  /** The error message for the value of a key. */
  readonly problemOf: (key: string) => string | undefined;
  readonly onChange: (rule: ChannelRule) => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
}

export function RuleFields(props: RuleFieldsProps) {
  const { rule, keys, settings, index, isDisabled, problemOf, onChange } = props;
  const { pattern, ...set } = rule;
  const without = (key: string) =>
    Object.fromEntries(Object.entries(rule).filter(([name]) => name !== key)) as unknown as ChannelRule;
  return (
    <li aria-label={`Rule ${index + 1}`} className="grid gap-3 px-4 py-4">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            label={`Rule ${index + 1}: names that match`}
            placeholder="orders-*"
            hint="* matches any characters."
            spellCheck={false}
            value={pattern}
            disabled={isDisabled}
            problem={problemOf("pattern")}
            onChange={(event) => onChange({ ...rule, pattern: event.target.value.trim() })}
          />
        </div>
        {!isDisabled && <RuleActions {...props} />}
      </div>
      {Object.entries(set).map(([key, value]) => (
        <RuleSetting
          key={key}
          name={key}
          rule={keys[key]}
          value={value}
          isDisabled={isDisabled}
          problem={problemOf(key)}
          onChange={(next) => onChange({ ...rule, [key]: next })}
          onRemove={() => onChange(without(key))}
        />
      ))}
      {!isDisabled && (
        <AddSetting
          keys={keys}
          isSet={(key) => key in set}
          onAdd={(key) => onChange({ ...rule, [key]: firstValueOf(key, keys[key], settings) })}
        />
      )}
    </li>
  );
}

function RuleActions({ index, isLast, onMove, onRemove }: RuleFieldsProps) {
  const name = `rule ${index + 1}`;
  return (
    <div className="mt-6 flex">
      <Button
        look="quiet"
        isTight
        aria-label={`Move ${name} up`}
        disabled={index === 0}
        onClick={() => onMove(index - 1)}
      >
        <Icon name="down" className="rotate-180" />
      </Button>
      <Button
        look="quiet"
        isTight
        aria-label={`Move ${name} down`}
        disabled={isLast}
        onClick={() => onMove(index + 1)}
      >
        <Icon name="down" />
      </Button>
      <Button look="quiet" isTight aria-label={`Remove ${name}`} onClick={onRemove}>
        <Icon name="close" />
      </Button>
    </div>
  );
}

function RuleSetting({
  name,
  rule,
  value,
  isDisabled,
  problem,
  onChange,
  onRemove,
}: {
  readonly name: string;
  /** Undefined: the server has a setting that this dashboard does not know. */
  readonly rule: RuleKeys[string] | undefined;
  readonly value: number | boolean;
  readonly isDisabled: boolean;
  readonly problem: string | undefined;
  readonly onChange: (value: number | boolean) => void;
  readonly onRemove: () => void;
}) {
  const id = useId();
  const label = titleOf(name);
  return (
    <div className="grid items-center gap-2 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="min-w-0">
        <p className="text-[13px] font-medium">{label}</p>
        <p id={`${id}-hint`} className={`text-xs ${problem === undefined ? "text-soft" : "text-bad"}`}>
          {problem === undefined ? helpWords(rule?.help ?? "") : problemWords(name, rule, problem)}
        </p>
      </div>
      <div className="flex items-center gap-2">
        {typeof value === "boolean" ? (
          <Toggle label={label} isOn={value} isDisabled={isDisabled} onChange={onChange} />
        ) : (
          <AmountField
            setting={name}
            label={label}
            value={value}
            isDisabled={isDisabled}
            isInvalid={problem !== undefined}
            describedBy={`${id}-hint`}
            onChange={onChange}
          />
        )}
        {!isDisabled && (
          <Button look="quiet" isTight aria-label={`Remove setting: ${label}`} onClick={onRemove}>
            <Icon name="close" />
          </Button>
        )}
      </div>
    </div>
  );
}

/** The server's message has the unit of the API. */
function problemWords(name: string, rule: RuleKeys[string] | undefined, problem: string): string {
  return rule?.kind === "number" ? rangeWords(name, rule) : problem;
}

function AddSetting({
  keys,
  isSet,
  onAdd,
}: {
  readonly keys: RuleKeys;
  readonly isSet: (key: string) => boolean;
  readonly onAdd: (key: string) => void;
}) {
  return (
    <select
      aria-label="Add a setting"
      value=""
      onChange={(event) => onAdd(event.target.value)}
      className={`${inputClass} sm:max-w-72`}
    >
      <option value="">Add a setting…</option>
      {Object.keys(keys)
        .filter((key) => !isSet(key))
        .map((key) => (
          <option key={key} value={key}>
            {titleOf(key)}
          </option>
        ))}
    </select>
  );
}

/** A setting that is off by default starts with an amount that has an effect. */
const firstIfOff: Readonly<Record<string, number>> = {
  historyEventsMax: 100,
  rewindEventsMax: 10,
  presenceGraceMs: 30_000,
};

/** The value that applies without the rule, so that a new setting changes nothing by surprise. */
function firstValueOf(key: string, rule: RuleKeys[string] | undefined, settings: App["settings"]) {
  if (rule?.kind !== "number") return true;
  const ofApp: unknown = settings[key as keyof App["settings"]];
  const applies = typeof ofApp === "number" ? ofApp : (rule.default ?? rule.min);
  return applies === 0 ? (firstIfOff[key] ?? 0) : applies;
}
