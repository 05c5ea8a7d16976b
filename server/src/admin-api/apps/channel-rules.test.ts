import { expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";

test.each([
  ["x", "channelRules", "must be a list of rules"],
  [["x"], "channelRules.0", "must be a rule, such as"],
  [
    [{ historyEventsMax: 5 }],
    "channelRules.0.pattern",
    "must be 1 to 200 characters that a channel's name may",
  ],
  [[{ pattern: 7 }], "channelRules.0.pattern", "must be 1 to 200 characters that a channel's name may"],
  [[{ pattern: "a", history: 5 }], "channelRules.0", "must not have history: beside pattern, a rule may set"],
  [
    [{ pattern: "a", historyEventsMax: "5" }],
    "channelRules.0.historyEventsMax",
    "must be a whole number from 0",
  ],
])(
  "invalid channel rules are refused with a sentence that describes valid values: %j",
  async (channelRules, path, words) => {
    const server = new AdminApiUnderTest();
    await server.call("createApp", { body: { id: "1" } });
    const body = JSON.parse(JSON.stringify({ settings: { channelRules } }));
    expect(await server.refusal("changeApp", { params: { appId: "1" }, body })).toMatchObject({
      issues: [{ path: `settings.${path}`, message: expect.stringContaining(words) }],
    });
  },
);
