import { expect, test } from "bun:test";
import { configurationPage, configurationPath } from "./write-docs.ts";

test("docs/configuration.md says what the table of options says (npm run docs writes it)", async () => {
  expect(await Bun.file(configurationPath).text()).toBe(configurationPage());
});
