/** A film of a page. With SCREENSHOTS=1 it is stored as an animated picture. Its frames have the given durations, however slow the machine is. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { arePicturesKept, pictureFolder } from "./pictures.ts";

const dotId = "film-dot";

export class Film {
  readonly #page: Page;
  readonly #folder = mkdtempSync(join(tmpdir(), "soketify-film-"));
  #list = "";
  #frames = 0;
  #last = "";

  constructor(page: Page) {
    this.#page = page;
  }

  /** Adds a frame with the current page. */
  async show(seconds: number): Promise<void> {
    if (!arePicturesKept) return;
    const file = join(this.#folder, `${this.#frames++}.png`);
    await this.#page.screenshot({ path: file });
    this.#last = `file '${file}'\n`;
    this.#list += `${this.#last}duration ${seconds}\n`;
  }

  /** Shows a dot at the element, then clicks it. */
  async click(what: Locator): Promise<void> {
    await what.scrollIntoViewIfNeeded();
    const box = await what.boundingBox();
    if (box === null) throw new Error("The element to click is not visible");
    const center = { x: box.x + Math.min(box.width, 120) / 2, y: box.y + box.height / 2 };
    await this.#page.evaluate(showDot, { ...center, id: dotId });
    await this.show(0.7);
    await this.#page.evaluate((id) => document.getElementById(id)?.remove(), dotId);
    await what.click();
  }

  /**
   * Stores the film and removes the frames.
   * @throws Error with the message of ffmpeg
   */
  store(name: string): void {
    if (arePicturesKept) this.#convert(join(pictureFolder, name));
    rmSync(this.#folder, { recursive: true });
  }

  #convert(target: string): void {
    const list = join(this.#folder, "frames.txt");
    // ffmpeg ignores the duration of the last entry.
    writeFileSync(list, this.#list + this.#last);
    const input = ["-f", "concat", "-safe", "0", "-i", list, "-fps_mode", "vfr"];
    const output = [
      "-c:v",
      "libwebp_anim",
      "-quality",
      "75",
      "-compression_level",
      "6",
      "-loop",
      "0",
      target,
    ];
    const run = Bun.spawnSync(["ffmpeg", "-y", "-loglevel", "error", ...input, ...output]);
    if (!run.success) throw new Error(`ffmpeg failed: ${run.stderr}`);
  }
}

function showDot({ x, y, id }: { readonly x: number; readonly y: number; readonly id: string }): void {
  const dot = document.createElement("div");
  dot.id = id;
  Object.assign(dot.style, {
    position: "fixed",
    left: `${x - 13}px`,
    top: `${y - 13}px`,
    width: "26px",
    height: "26px",
    borderRadius: "50%",
    background: "rgb(234 88 12 / 0.45)",
    border: "2px solid rgb(234 88 12)",
    zIndex: "1000",
    pointerEvents: "none",
  });
  document.body.append(dot);
}
