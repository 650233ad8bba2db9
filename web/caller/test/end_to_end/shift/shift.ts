// Who is there on a shift: the hotline, its callers, three people at four desks, and what each caller is to have got.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchChromium } from "../../browser/chromium.ts";
import { Hotline } from "../hotline.ts";
import { comeWithCode, joinColleague } from "../joining.ts";
import { Line } from "./line.ts";
import { NAMES, type Name, TwentyCallers } from "./twenty_callers.ts";
import { until, Workplace } from "./workplace.ts";

/** In notes alone; no caller ever reads it. */
export const NOTE_SECRET = "для колег: 7Qd-сова";

/** All that stops when the shift does. */
interface House {
  hotline: Hotline;
  browser: Browser;
  /** From Verba to the hub. */
  line: Line;
}

/** Kalyna works at a computer and a tablet, Osyka and Verba at one computer each. */
interface Desks {
  kalyna: Workplace;
  tablet: Workplace;
  osyka: Workplace;
  verba: Workplace;
}

export class Shift {
  readonly callers: TwentyCallers;
  readonly kalyna: Workplace;
  readonly tablet: Workplace;
  readonly osyka: Workplace;
  readonly verba: Workplace;
  readonly #promised = new Map<Name, string[]>(NAMES.map((name) => [name, []]));

  private constructor(
    private readonly house: House,
    desks: Desks,
  ) {
    ({ kalyna: this.kalyna, tablet: this.tablet, osyka: this.osyka, verba: this.verba } = desks);
    this.callers = new TwentyCallers(house.hotline, house.browser);
  }

  /** Starts everything, and lets everybody in. */
  static async begin(): Promise<Shift> {
    const hotline = await Hotline.start(2);
    const house = { hotline, browser: await launchChromium(), line: await Line.to(hotline.ready.hub) };
    try {
      return new Shift(house, await comeTogether(house));
    } catch (cause) {
      await close(house);
      throw new Error("the desks do not come together", { cause });
    }
  }

  end(): Promise<void> {
    return close(this.house);
  }

  get line(): Line {
    return this.house.line;
  }

  get passphrase(): string {
    return this.house.hotline.passphrase;
  }

  /** Notes that a caller is to get a text, once. */
  promise(name: Name, text: string): string {
    this.#promised.get(name)?.push(text);
    return text;
  }

  /** What a caller is to have got by now, in its order. */
  promisedTo(name: Name): string[] {
    return this.#promised.get(name) ?? [];
  }

  open(desk: Workplace, name: Name): Promise<void> {
    return desk.open(this.callers.callSign(name));
  }

  async take(desk: Workplace, name: Name): Promise<void> {
    await this.open(desk, name);
    await desk.page.click("#claim");
    await desk.page.waitForSelector("#release");
  }

  showsHolder(desk: Workplace, name: Name, person: string): Promise<void> {
    return desk.says(`${desk.row(this.callers.callSign(name))} .person`, new RegExp(person));
  }

  /** Waits until a call is the first that waits. */
  async showsFirst(desk: Workplace, name: Name): Promise<void> {
    await desk.page.waitForSelector(`#waiting > li:first-child:has-text("${this.callers.callSign(name)}")`);
  }

  /** Who has a case, once Kalyna's and Osyka's devices agree. */
  async holderAtBoth(name: Name): Promise<string> {
    const show = ["show", "--call-sign", this.callers.callSign(name)] as const;
    const holders = async () => {
      const all = await Promise.all([this.kalyna.run(...show), this.osyka.run(...show)]);
      return all.map(({ claimed_by }) => claimed_by as string | null);
    };
    const agree = ([one, other]: (string | null)[]) => one !== null && one === other;
    const [holder] = await until(`one has ${name}`, holders, agree);
    return holder as string;
  }
}

async function comeTogether({ hotline, browser, line }: House): Promise<Desks> {
  const kalyna = await Workplace.of(hotline, browser, "Kalyna");
  const osyka = await Workplace.of(hotline, browser, "Osyka");
  await joinColleague(hotline, kalyna.page, "Verba", line.link(hotline.ready.caller));
  await kalyna.page.click('form[action="/people/invite"] button');
  await kalyna.page.waitForSelector("div.code");
  const comes = comeWithCode(hotline, kalyna.page, "tablet");
  await kalyna.page.waitForSelector(".check-words");
  await kalyna.page.check("#sure");
  await kalyna.page.click('form[action="/people/invite/admit"] button');
  await comes;
  const verba = await Workplace.joined(hotline, browser, "Verba");
  const tablet = await Workplace.joined(hotline, browser, "tablet");
  for (const desk of [kalyna, osyka]) await importChecklist(hotline, desk);
  await kalyna.toBoard();
  return { kalyna, tablet, osyka, verba };
}

/** One step, which every call has beside it in its language. */
async function importChecklist(hotline: Hotline, desk: Workplace): Promise<void> {
  const content = join(hotline.data, "content");
  await mkdir(join(content, "checklists"), { recursive: true });
  for (const [language, step] of [
    ["en", "Ask when it is safe to write"],
    ["ru", "Спросить, когда безопасно писать"],
    ["uk", "Спитати, коли писати безпечно"],
  ]) {
    const text = `---\nkeyword: first-${language}\ntitle: ${step}\nlanguage: ${language}\n---\n- ${step}.\n`;
    await writeFile(join(content, "checklists", `${language}.md`), text);
  }
  const args = ["desk", "content", "import", "--json", "--data", desk.data, content];
  assert.equal((await hotline.run(args)).checklists, 3);
}

async function close({ hotline, browser, line }: House): Promise<void> {
  await browser.close();
  await hotline.stop();
  await line.stop();
}
