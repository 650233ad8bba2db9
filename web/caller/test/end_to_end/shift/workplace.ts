// A place where one person works during a shift: the files of their desk, its program, and the page in front of them.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { PATIENCE_MS } from "../../browser/chromium.ts";
import type { Hotline, Served } from "../hotline.ts";

/** Directory for pictures of each step, where somebody wants to look at a shift. */
const PICTURES = process.env.SHIFT_PICTURES;

/** Milliseconds between two looks at what a command prints. */
const LOOK_MS = 250;

export class Workplace {
  private program: Served | undefined;

  private constructor(
    private readonly hotline: Hotline,
    /** What it is called in pictures and failures. */
    readonly name: string,
    readonly data: string,
    readonly page: Page,
  ) {}

  /** A desk that `callsign demo` has set up and serves. */
  static async of(hotline: Hotline, browser: Browser, person: string): Promise<Workplace> {
    const desk = hotline.ready.desks.find((desk) => desk.person === person);
    if (!desk) throw new Error(`${person} has no desk`);
    const page = await pageOf(browser);
    await hotline.enterDesk(page, desk.link);
    return new Workplace(hotline, person, desk.data, page);
  }

  /** A desk that has joined with its files in a directory of the hotline. */
  static async joined(hotline: Hotline, browser: Browser, name: string): Promise<Workplace> {
    const workplace = new Workplace(hotline, name, join(hotline.data, name), await pageOf(browser));
    await workplace.start();
    return workplace;
  }

  /** Starts the desk's program, at the address of the run before, and lets the browser in. */
  async start(): Promise<void> {
    const port = this.program && new URL(this.program.link).port;
    this.program = await this.hotline.serve(this.data, port);
    await this.hotline.enterDesk(this.page, this.program.link);
  }

  /** Ends the desk's program in the middle of what it does. */
  async crash(): Promise<void> {
    if (!this.program) throw new Error(`${this.name}'s program is not this test's to end`);
    await this.program.kill();
  }

  /** The board's row of a call, by the call sign as its caller says it. */
  row(callSign: string): string {
    return `#board .cases li:has-text("${callSign}")`;
  }

  async toBoard(): Promise<void> {
    await this.page.goto(new URL("/", this.page.url()).href);
    await this.page.waitForSelector("#board");
  }

  /** Opens a call from the board, which shows what its caller wrote. */
  async open(callSign: string): Promise<void> {
    await this.toBoard();
    await this.page.click(`${this.row(callSign)} a`);
    await this.page.waitForSelector("#conversation .from-caller .text");
  }

  /** Waits until the board's tab counts so many calls that wait. */
  async counts(waiting: number): Promise<void> {
    await this.page.waitForSelector(`#next-place[data-waiting="${waiting}"]`);
  }

  /** What somebody reads in a part of the page. */
  async reads(selector: string): Promise<string> {
    return (await this.page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ").trim();
  }

  /** Waits until a part of the page says something. */
  async says(selector: string, what: RegExp): Promise<void> {
    const said = this.page.locator(selector).filter({ hasText: what }).first();
    try {
      await said.waitFor();
    } catch (cause) {
      const instead = await this.page.locator(selector).allInnerTexts();
      throw new Error(`${this.name}'s page does not say ${what} at ${selector}: ${instead.join(" | ")}`, {
        cause,
      });
    }
  }

  /** Presses keys, one behind the other, where nothing is typed unless a key leads there. */
  async keys(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Sends what is written to the caller, looked over before. */
  async answer(text: string): Promise<void> {
    await this.page.fill("#reply", text);
    await this.send();
  }

  /** Sends what stands in the box, by the keys. */
  async send(): Promise<void> {
    await this.page.press("#reply", "Control+Enter");
    await this.page.waitForSelector("#preview-sheet[open] #send, #problems .problem");
    const problems = await this.page.locator("#problems .problem").allInnerTexts();
    if (problems.length) throw new Error(`${this.name}'s answer is refused: ${problems.join(" | ")}`);
    await this.page.keyboard.press("Control+Enter");
    await this.page.waitForSelector("#said .said");
    // What was said before stands there until the answer is taken, and keys pressed meanwhile would go into the box.
    await this.page.waitForFunction(() => {
      const box = document.getElementById("reply") as HTMLTextAreaElement | null;
      return box?.value === "" && !box.form?.hasAttribute("aria-busy");
    });
  }

  /** Has what was done here leave at once, and not with the next beat: that of a desk that joined is half a minute long. */
  async beat(): Promise<void> {
    await this.run("sync");
  }

  /** A command of this desk; what it prints. */
  run(command: string, ...more: string[]) {
    return this.hotline.run(["desk", command, "--json", "--data", this.data, ...more]);
  }

  /** Takes pictures of the page, wide and narrow, where they are wanted. */
  async picture(step: string): Promise<void> {
    if (!PICTURES) return;
    const wide = this.page.viewportSize();
    for (const [width, colorScheme] of [
      [1280, "light"],
      [320, "dark"],
    ] as const) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.setViewportSize({ width, height: 900 });
      const path = join(PICTURES, `${step}-${this.name}-${width}.png`);
      await this.page.screenshot({ path, fullPage: true });
    }
    await this.page.emulateMedia({ colorScheme: "light" });
    if (wide) await this.page.setViewportSize(wide);
  }
}

/** Looks until what is found is as it is to be; how long that takes says nothing. */
export async function until<T>(what: string, find: () => Promise<T>, is: (found: T) => boolean): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (is(found)) return found;
    if (Date.now() > end)
      throw new Error(`${what}: not within ${PATIENCE_MS / 1000} seconds: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function pageOf(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ locale: "en" });
  return context.newPage();
}
