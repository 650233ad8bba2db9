// The built page behind a small HTTP server with the page's real policy; a hub in memory and a test desk stand behind it.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Bytes, base64url, hex, utf8 } from "../src/protocol/bytes.ts";
import { dayOf } from "../src/protocol/day.ts";
import { CallsNotTaken } from "../src/visit/world.ts";
import { dummies, FakeHub } from "./fake_hub.ts";
import { type Json, sha256, TestDesk } from "./test_desk.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const FILES: Readonly<Record<string, string>> = {
  "": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
};

const PREFIX = "/abcdefghijklmnop/";

export interface Payload {
  readonly json: Json;
  readonly text: string;
  readonly id: string;
}

export class StubHub {
  readonly hub: FakeHub;
  /** Requests by method and path below the desk, in order. */
  readonly requests: string[] = [];
  /** Closes connections without an answer. */
  unplugged = false;
  private nextJ = 0;
  private nextNumber = 1;
  private cellsRead = 0;
  /** What goes on after the next exchange. */
  private readonly waiting: (() => void)[] = [];

  private constructor(
    readonly desk: TestDesk,
    private readonly server: Server,
    envelope: Bytes,
  ) {
    this.hub = new FakeHub(envelope, () => Date.now());
    this.hub.post(dayOf(Date.now()), ...dummies(40));
  }

  /** `change` alters the notice before it is signed. */
  static async start(change: (body: Json) => Json = (body) => body): Promise<StubHub> {
    const desk = await TestDesk.create();
    const packs = ["en", "uk", "ru"].map((language) => utf8(JSON.stringify(contentPack(language))));
    const body = {
      ...desk.noticeBody(Date.now()),
      tracks: TRACKS,
      languages: ["en", "uk", "ru"],
      content: Object.fromEntries(packs.map((pack, i) => [["en", "uk", "ru"][i], hex(sha256(pack))])),
      cover: QUICK_COVER,
    };
    const server = createServer();
    const letters = desk.letters({ version: 1, serial: 1, keys: [] }, Date.now());
    const named = { ...body, letters: letters.named };
    const stub = new StubHub(desk, server, desk.envelope(change(named), Date.now()));
    stub.hub.lettersDocument = letters.document;
    for (const pack of packs) stub.hub.packs.set(hex(sha256(pack)), pack);
    server.on("request", (request, response) => void stub.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return stub;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The page's address, with the desk's fingerprint where `fragment` is not given. */
  link(fragment: string | null = hex(this.desk.fingerprint), host = "127.0.0.1"): string {
    return `http://${host}:${this.port}${PREFIX}${fragment === null ? "" : `#${fragment}`}`;
  }

  exchanges(): number {
    return this.hub.asked.length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The next part that the desk can read; waits for it. */
  async nextPart(): Promise<Payload> {
    for (;;) {
      while (this.cellsRead < this.hub.cells.length) {
        const { payload, proven } = await this.desk.openCell(this.hub.cells[this.cellsRead++] as Bytes);
        if (payload && !proven) throw new Error("a cell without its caller's proof");
        if (payload) return { json: payload, text: payload.text as string, id: payload.id as string };
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Leaves a drop for the caller of that part. */
  async post(to: Payload, json: Json): Promise<void> {
    const day = dayOf(Date.now());
    const place = { day, slot: 0, j: this.nextJ++ };
    const drop = await this.desk.drop(to.json, place, { number: this.nextNumber++, ...json });
    this.hub.post(day, ...dummies(5), drop, ...dummies(3));
  }

  async answer(to: Payload, ...texts: string[]): Promise<void> {
    const id = base64url(new Uint8Array(16).fill(this.nextNumber));
    for (const [i, text] of texts.entries()) {
      await this.post(to, { answer: { id, part: i + 1, parts: texts.length, text } });
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").replace(PREFIX, "");
    this.requests.push(`${request.method} ${path}`);
    if (this.unplugged) {
      request.socket.destroy();
      return;
    }
    try {
      const [type, body] = await this.answerTo(request, path);
      response.writeHead(200, {
        "content-type": type,
        "content-security-policy": POLICY,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      });
      response.end(body);
    } catch (error) {
      response.writeHead(error instanceof CallsNotTaken || error instanceof NotFound ? 404 : 503).end();
    }
  }

  private async answerTo(request: IncomingMessage, path: string): Promise<[string, Uint8Array]> {
    const binary = "application/octet-stream";
    const type = FILES[path];
    if (type) {
      return [
        type,
        await readFile(fileURLToPath(new URL(`../dist/${path || "index.html"}`, import.meta.url))),
      ];
    }
    if (path === "v1/notice") return [binary, await this.hub.notice()];
    if (path === "v1/letters") return [binary, await this.hub.letters()];
    if (path.startsWith("v1/content/")) {
      return [binary, await this.hub.content(new Uint8Array(Buffer.from(path.slice(11), "hex")))];
    }
    if (path !== "v1/exchange" || request.method !== "POST") throw new NotFound();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      return [binary, await this.hub.exchange(new Uint8Array(Buffer.concat(chunks)))];
    } finally {
      for (const goOn of this.waiting.splice(0)) goOn();
    }
  }
}

class NotFound extends Error {}

/** Short, so that a conversation takes a second or two. */
const QUICK_COVER = {
  gap_ms: 60,
  gap_max_ms: 150,
  gap_growth_percent: 1,
  visit_exchanges: 400,
  move_after_ms: 1000,
};

const TRACKS = [
  { id: "field", names: { en: "In the field", uk: "На передовій", ru: "На передовой" } },
  { id: "home", names: { en: "Called up, at home", uk: "Повістка, удома", ru: "Повестка, дома" } },
  {
    id: "relative",
    names: { en: "I am a relative", uk: "Я родич або родичка", ru: "Я родственник или родственница" },
  },
];

function contentPack(language: string): Json {
  const procedure = {
    id: "surrender",
    track: "field",
    title: { en: "What happens on the first day", uk: "Що буде першого дня", ru: "Что будет в первый день" }[
      language
    ],
    text: {
      en: "You are given water and, if you need it, a doctor.\n\nYou say your name, rank, date of birth and number, and nothing else unless you wish to.",
      uk: "Вам дають воду і, якщо треба, лікаря.\n\nВи називаєте ім’я, звання, дату народження і номер, і більше нічого, якщо не хочете.",
      ru: "Вам дают воду и, если нужно, врача.\n\nВы называете имя, звание, дату рождения и номер, и больше ничего, если не хотите.",
    }[language],
    owner: "Legal group",
    reviewer: null,
    promised_by: "Harbour",
    valid_until: "2099-12-31",
    sample: true,
  };
  return {
    version: 1,
    language,
    about: {
      en: "How things go, step by step.",
      uk: "Як усе відбувається, крок за кроком.",
      ru: "Как всё происходит, шаг за шагом.",
    }[language],
    procedures: [
      procedure,
      {
        ...procedure,
        id: "letter",
        track: "home",
        title: "A second one",
        reviewer: "A. Lawyer",
        sample: false,
      },
      { ...procedure, id: "old", title: "Long gone", valid_until: "2020-01-01" },
    ],
  };
}
