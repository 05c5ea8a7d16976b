/** Settings for the channels whose names match a pattern. */
import type { App, AppSettingRule } from "@soketify/admin";
import { useState } from "react";
import { useChange, useGet } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Panel } from "../ui/page.tsx";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { useUnsavedGuard } from "../ui/use-unsaved-guard.ts";
import { type ChannelRule, RuleFields, type RuleKeys } from "./rule-fields.tsx";
import { RuleTester } from "./rule-tester.tsx";

interface Props {
  readonly app: App;
  readonly mayChange: boolean;
}

export function ChannelRules(props: Props) {
  const rules = useGet("GET /setting-rules", {});
  return (
    <Panel
      title="Channel rules"
      lead="Each rule applies to the channels whose names match its pattern. Only the first matching rule applies. Settings that it does not contain come from the limits above."
      isFlush
    >
      <Loaded of={rules} rows={4}>
        {(answer) => (
          <>
            <RulesForm {...props} keys={keysOf(answer.rules)} />
            <RuleTester app={props.app} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function keysOf(rules: { readonly [Name in string]: AppSettingRule }): RuleKeys {
  const rule = rules.channelRules;
  return rule?.kind === "rules" ? rule.keys : {};
}

/** A rule with an id that stays the same when the rule moves in the list. */
interface Draft {
  readonly id: number;
  readonly rule: ChannelRule;
}

function RulesForm({ app, mayChange, keys }: Props & { readonly keys: RuleKeys }) {
  const [changed, setChanged] = useState<readonly Draft[] | null>(null);
  useUnsavedGuard(changed !== null);
  const change = useChange("PATCH /apps/{appId}");
  const drafts = changed ?? app.settings.channelRules.map((rule, id) => ({ id, rule }));
  const issues = change.error?.problem.issues ?? [];
  const areBesideFields = issues.some(({ path }) => /\.channelRules\.\d+\./.test(path));

  function edit(edited: readonly Draft[]): void {
    change.reset();
    setChanged(edited);
  }

  function add(): void {
    const id = Math.max(-1, ...drafts.map((draft) => draft.id)) + 1;
    edit([...drafts, { id, rule: { pattern: "" } }]);
  }

  function move(from: number, to: number): void {
    const moved = [...drafts];
    moved.splice(to, 0, ...moved.splice(from, 1));
    edit(moved);
  }

  function save(): void {
    const settings = { channelRules: drafts.map(({ rule }) => rule) };
    change.mutate({ path: { appId: app.id }, body: { settings } }, { onSuccess: () => setChanged(null) });
  }

  return (
    <form
      noValidate
      aria-label="Channel rules"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {drafts.length === 0 && (
        <Empty title="No rules">All channels have the same settings, and none stores its events.</Empty>
      )}
      <ol className="divide-y divide-line">
        {drafts.map(({ id, rule }, index) => (
          <RuleFields
            key={id}
            index={index}
            isLast={index === drafts.length - 1}
            rule={rule}
            keys={keys}
            settings={app.settings}
            isDisabled={!mayChange}
            problemOf={(key) =>
              issues.find(({ path }) => path === `settings.channelRules.${index}.${key}`)?.message
            }
            onChange={(next) => edit(drafts.with(index, { id, rule: next }))}
            onMove={(to) => move(index, to)}
            onRemove={() => edit(drafts.toSpliced(index, 1))}
          />
        ))}
      </ol>
      {mayChange && (
        <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">
          {change.error !== null && (
            <Failure error={areBesideFields ? new Error("Not saved: see the fields above.") : change.error} />
          )}
          <Button className="mr-auto" onClick={add}>
            Add a rule
          </Button>
          <Button disabled={changed === null} onClick={() => setChanged(null)}>
            Undo
          </Button>
          <Button type="submit" look="primary" disabled={changed === null} isBusy={change.isPending}>
            Save rules
          </Button>
        </div>
      )}
    </form>
  );
}
