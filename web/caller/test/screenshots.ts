// Makes the pictures of docs/desk.md from a real hub and desk: each page wide and narrow, light and dark.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import upng from "upng-js";
import { launchChromium } from "./browser/chromium.ts";
import { deskPages } from "./end_to_end/desk_pages.ts";
import { Hotline } from "./end_to_end/hotline.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/screenshots/desk/", import.meta.url));
const SIZES = [
  { width: 1280, height: 800 },
  { width: 320, height: 640 },
];
// Papers and inks are few: so many colours show no difference.
const COLOURS = 32;
// Taller than this nobody looks at a picture in a text.
const HEIGHT_MAX = 1500;
const HEIGHT_MIN = 320;
// What stands in no picture: what says no more than another picture.
const LEFT_OUT = [
  "search-empty",
  "search-nothing",
  "follow-ups-empty",
  "case",
  "case-follow-ups-empty",
  "case-with-follow-ups",
  "case-closed",
  "help",
  "people-refused",
  "people-left",
  "not-possible",
  "lock",
];

async function picture(page: Page): Promise<Uint8Array> {
  const { width } = page.viewportSize() as { width: number };
  // As tall as what stands on it; a sheet lies over a window of the usual height.
  if ((await page.locator("dialog[open]").count()) === 0) {
    await page.setViewportSize({ width, height: HEIGHT_MIN });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.min(height, HEIGHT_MAX) });
  }
  const bytes = await page.screenshot({ animations: "disabled", caret: "hide" });
  const image = upng.decode(new Uint8Array(bytes).buffer);
  return new Uint8Array(upng.encode(upng.toRGBA8(image), image.width, image.height, COLOURS));
}

const hotline = await Hotline.start();
const browser = await launchChromium();
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
let whole = 0;
for await (const { name, page } of deskPages(hotline, browser)) {
  if (LEFT_OUT.includes(name)) continue;
  for (const size of SIZES) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      const png = await picture(page);
      whole += png.length;
      await writeFile(`${FOLDER}${name}-${size.width}-${colorScheme}.png`, png);
    }
  }
  await page.setViewportSize(SIZES[0] as (typeof SIZES)[0]);
}
await browser.close();
await hotline.stop();
console.log(`docs/screenshots/desk: ${Math.round(whole / 1000)} kB`);
