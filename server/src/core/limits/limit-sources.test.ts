import { expect, test } from "bun:test";
import { ByteBudget } from "./byte-budget.ts";
import { LimitSources } from "./limit-sources.ts";

test("a budget is listed for the server and for each app", () => {
  const sources = new LimitSources();
  const budget = new ByteBudget({ perApp: 10, inAll: 20 });
  sources.addBudget("historyBytes", budget);
  budget.take("1", 4);
  budget.take("2", 3);
  budget.give("2", 1);
  expect(sources.ofServer()).toEqual([{ limit: "historyBytesMax", used: 6, max: 20, peak: 7 }]);
  expect(sources.ofApp("1")).toEqual([{ limit: "historyBytesPerAppMax", used: 4, max: 10, peak: null }]);
});

test("a limit that an app has not used is not listed", () => {
  const sources = new LimitSources();
  const use = { limit: "connectionsMax", used: 1, max: 2, peak: 1 };
  sources.addPerApp((appId) => (appId === "1" ? use : null));
  expect([sources.ofApp("1"), sources.ofApp("2")]).toEqual([[use], []]);
});
