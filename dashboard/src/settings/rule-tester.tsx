/** Shows the rule and the settings that apply to a channel name. */
import type { App } from "@soketify/admin";
import { useDeferredValue, useState } from "react";
import { useGet } from "../api/use-api.ts";
import { TextField } from "../ui/field.tsx";
import { Loaded } from "../ui/states.tsx";
import { amountWords } from "./amounts.ts";
import { titleOf } from "./setting-titles.ts";

export function RuleTester({ app }: { readonly app: App }) {
  const [typed, setTyped] = useState("");
  const channel = useDeferredValue(typed.trim());
  return (
    <section
      aria-label="Test a channel name"
      className="grid gap-3 rounded-b-lg border-t border-line px-4 py-4"
    >
      <div className="max-w-sm">
        <TextField
          label="Test a channel name"
          hint="Shows which of the saved rules applies to a channel."
          placeholder="orders-7"
          spellCheck={false}
          maxLength={1_000}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      {channel !== "" && <Result app={app} channel={channel} />}
    </section>
  );
}

function Result({ app, channel }: { readonly app: App; readonly channel: string }) {
  const answer = useGet("GET /apps/{appId}/channel-settings", {
    path: { appId: app.id },
    query: { channel },
  });
  return (
    <Loaded of={answer}>
      {({ rule, settings }) => {
        const holding = rule === null ? undefined : app.settings.channelRules[rule];
        return (
          <>
            <p role="status" className="text-[13px]">
              {rule === null ? (
                "No rule matches. The app's settings apply."
              ) : (
                <>
                  Rule {rule + 1} applies: <code className="font-mono wrap-anywhere">{holding?.pattern}</code>
                </>
              )}
            </p>
            <dl className="grid gap-x-8 gap-y-1 text-[13px] sm:grid-cols-2">
              {Object.entries(settings).map(([key, value]) => (
                <div key={key} className="flex justify-between gap-3">
                  <dt className="text-soft">{titleOf(key)}</dt>
                  <dd className={`tabular-nums ${holding && key in holding ? "font-semibold" : ""}`}>
                    {wordsOf(key, value)}
                    {holding && key in holding && <span className="sr-only"> (set by the rule)</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </>
        );
      }}
    </Loaded>
  );
}

function wordsOf(key: string, value: number | boolean): string {
  if (typeof value === "number") return amountWords(key, value);
  return value ? "on" : "off";
}
