/** The page of `examples/recovery` with the steps of its README: offline, ten events, online, ten events. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../support/chromium.ts";
import { freePort } from "../support/net/free-port.ts";
import { until } from "../support/until.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
setDefaultTimeout(120_000);

test("the page gets the ten events that were published while its network was off, once and in order", async () => {
  const port = await freePort();
  const example = spawn("node", ["examples/recovery/server.js"], {
    cwd: repository,
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const isListening = () =>
    fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
  const browser = await launchChromium();
  try {
    await until("the example to listen", isListening);
    const page = await browser.newPage();
    await page.goto(url);
    const isIn = (state: string) => page.locator(`#state[data-state=${state}]`).waitFor();
    const publish = async () => {
      const answered = page.waitForResponse(`${url}/events`);
      await page.getByRole("button", { name: "Publish ten events" }).click();
      expect((await answered).status()).toBe(204);
    };
    const items = page.getByRole("list", { name: "Events" }).getByRole("listitem");
    const numbered = (first: number) => Array.from({ length: 10 }, (_, index) => `Event ${first + index}`);

    await isIn("connected");
    await publish();
    await page.getByText("Event 10", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Turn the network off" }).click();
    await page.getByRole("button", { name: "Turn the network on" }).waitFor();
    await page.locator("#state:not([data-state=connected])").waitFor();
    await publish();
    expect(await items.allTextContents()).toEqual(numbered(1));
    await page.getByRole("button", { name: "Turn the network on" }).click();
    await page.getByText("Event 20", { exact: true }).waitFor();
    await publish();
    await page.getByText("Event 30", { exact: true }).waitFor();
    expect(await items.allTextContents()).toEqual([
      ...numbered(1),
      "Recovered 10 of 10",
      ...numbered(11),
      ...numbered(21),
    ]);
  } finally {
    await browser.close();
    example.kill();
    await once(example, "exit");
  }
});
