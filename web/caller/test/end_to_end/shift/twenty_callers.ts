// Twenty callers of one shift, in three languages and on all tracks, two by the page and the others by commands: what they write and read.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { Hotline } from "../hotline.ts";

interface Caller {
  by?: "page";
  track?: string;
  lang: "en" | "ru" | "uk";
  safe?: string;
  text: string;
}

// Nothing in here is anybody's.
const CALLERS = {
  sister: { track: "relative", lang: "ru", text: "Брат не пишет третью неделю. Как узнать, жив ли он?" },
  student: {
    track: "no-paper",
    lang: "ru",
    text: "Я студент, меня могут призвать осенью. Что будет, если я уеду?",
  },
  mother: { track: "relative", lang: "uk", text: "Син сказав, що їх перевели. Він не каже куди." },
  summoned: {
    track: "called-up",
    lang: "uk",
    safe: "Увечері після восьмої, коли я сам.",
    text: "Сьогодні дали повістку, до п'ятниці треба відповісти.",
  },
  witness: {
    by: "page",
    track: "witness",
    lang: "en",
    text: "I saw something that I should not have seen. Who reads this?",
  },
  wife: {
    track: "relative",
    lang: "ru",
    safe: "Только утром, пока он на работе.",
    text: "Муж звонил с чужого номера и просил не перезванивать.",
  },
  four: { track: "field", lang: "uk", text: "Нас четверо. Як зробити так, щоб у нас не стріляли?" },
  clerk: {
    track: "witness",
    lang: "ru",
    text: "Я видел списки. Кому их можно показать, чтобы меня не нашли?",
  },
  deserter: { track: "field", lang: "ru", text: "Я ушёл вчера ночью. Куда идти дальше, я не знаю." },
  doubter: { track: "called-up", lang: "ru", text: "Завтра увозят. Можно ли ещё отказаться?" },
  father: { track: "relative", lang: "uk", text: "Шукаю сина. Де питати, щоб йому не зашкодити?" },
  nurse: { track: "witness", lang: "uk", text: "Працюю в лікарні. Бачу те, про що не кажуть." },
  driver: { track: "called-up", lang: "uk", text: "Мене везуть водієм. Чи можна здатися разом з машиною?" },
  friend: { track: "relative", lang: "en", text: "May I ask for a friend who cannot write himself?" },
  abroad: { track: "no-paper", lang: "en", text: "I am abroad. They call my parents and ask where I am." },
  quiet: { by: "page", lang: "uk", text: "Я просто хочу, щоб мене хтось почув." },
  tired: { track: "field", lang: "ru", text: "Больше не могу. Нас никто не меняет." },
  cook: { track: "no-paper", lang: "uk", text: "На роботі всіх переписують. Чи мені вже тікати?" },
  neighbour: {
    track: "witness",
    lang: "en",
    text: "They keep people in the cellar of the house beside ours.",
  },
  urgent: {
    track: "field",
    lang: "ru",
    safe: "Сейчас, через час телефона не будет.",
    text: "Завтра утром нас ведут вперёд. Как сдаться этой ночью?",
  },
} satisfies Record<string, Caller>;

/** What each caller is called in the test. */
export type Name = keyof typeof CALLERS;

export const NAMES = Object.keys(CALLERS) as Name[];

interface Called {
  /** As the caller says it, in the language of the call. */
  callSign: string;
  /** The file of the phrase, which is all that a caller keeps. */
  phrase: string;
}

/** What whoever has written for the first time is told. */
interface Sent {
  phrase: string;
  call_sign: string;
}

/** The callers of a hotline. */
export class TwentyCallers {
  private readonly called = new Map<Name, Called>();
  /** The pages of those who write by it, which stay open. */
  private readonly pages = new Map<Name, Page>();

  constructor(
    private readonly hotline: Hotline,
    private readonly browser: Browser,
  ) {}

  /** Each of them writes for the first time. */
  async write(names: readonly Name[]): Promise<void> {
    await eachOf(names, async (name) => {
      const caller: Caller = CALLERS[name];
      const sent = caller.by === "page" ? await this.byPage(name, caller) : await this.byCommand(caller);
      const phrase = join(this.hotline.data, `${name}.phrase`);
      await writeFile(phrase, sent.phrase);
      this.called.set(name, { callSign: sent.call_sign, phrase });
    });
  }

  /** One of them writes again. */
  async writeAgain(name: Name, text: string): Promise<void> {
    await this.send(["--phrase-file", this.of(name).phrase, "-"], text);
  }

  /** What one of them has got from the desk, the oldest first. */
  async answersTo(name: Name): Promise<string[]> {
    const read = ["call", "read", "--json", "--hub", this.hotline.ready.caller, "--phrase-file"];
    const { answers } = await this.hotline.run([...read, this.of(name).phrase]);
    return answers.map((answer: { text: string }) => answer.text);
  }

  /** Those who write by the page. */
  get atPage(): Name[] {
    return [...this.pages.keys()];
  }

  /** What stands on the page of one who writes by it. */
  async answersOnPage(name: Name): Promise<string[]> {
    const page = this.pages.get(name);
    if (!page) throw new Error(`${name} has no page`);
    return page.locator(".answer .answer-text").allTextContents();
  }

  language(name: Name): Caller["lang"] {
    return CALLERS[name].lang;
  }

  callSign(name: Name): string {
    return this.of(name).callSign;
  }

  private of(name: Name): Called {
    const called = this.called.get(name);
    if (!called) throw new Error(`${name} has not written yet`);
    return called;
  }

  private byCommand({ track, lang, safe, text }: Caller): Promise<Sent> {
    const about = [...(track ? ["--track", track] : []), ...(safe ? ["--safe-times", safe] : [])];
    return this.send(["--lang", lang, ...about, "-"], text);
  }

  private async byPage(name: Name, { track, lang, safe, text }: Caller): Promise<Sent> {
    const page = await this.browser.newContext({ locale: lang }).then((context) => context.newPage());
    this.pages.set(name, page);
    await page.goto(this.hotline.ready.caller);
    await page.click("#door-write");
    if (track) await page.selectOption("#track", track);
    if (safe) await page.fill("#safe-times", safe);
    await page.fill("#text", text);
    await page.click("#send");
    const [phrase, call_sign] = [await page.textContent("#phrase"), await page.textContent("#call-sign")];
    await page.waitForSelector('#tick[data-state="stored"]');
    if (!phrase || !call_sign) throw new Error(`${name} is shown no phrase or no call sign`);
    return { phrase, call_sign };
  }

  private send(args: string[], text: string) {
    return this.hotline.run(["call", "send", "--json", "--hub", this.hotline.ready.caller, ...args], text);
  }
}

/** Does something for each, two at a time. */
export async function eachOf<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one);
  };
  await Promise.all([worker(), worker()]);
}
