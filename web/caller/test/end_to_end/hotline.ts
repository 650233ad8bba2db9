// A whole hotline as `callsign demo` starts it, for tests: real hub, real desk, real files, free ports on loopback.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "playwright-core";
import { PATIENCE_MS } from "../browser/chromium.ts";

const BINARY = process.env.CALLSIGN_BIN;
if (!BINARY) throw new Error("CALLSIGN_BIN names no binary: run `cargo check-all`, or build it and name it");

interface Ready {
  caller: string;
  desks: { person: string; link: string; data: string }[];
  hub: string;
  fingerprint: string;
  passphrase_file: string;
}

// biome-ignore lint/suspicious/noExplicitAny: what commands print is looked at member by member
type Printed = any;

/** What a process was waited for; ends one that lets it wait for ever, and names the step. */
async function heard(process: ChildProcess, event: Promise<unknown[]>, step: string): Promise<unknown[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const never = new Promise<never>((_, reject) => {
    const hangs = () => {
      process.kill("SIGKILL");
      reject(new Error(`${step}: not within ${PATIENCE_MS / 1000} seconds`));
    };
    timer = setTimeout(hangs, PATIENCE_MS);
  });
  return Promise.race([event, never]).finally(() => clearTimeout(timer));
}

/** The program of a desk that a test starts by itself, beside the one of `callsign demo`. */
export interface Served {
  /** Lets a browser in, once. */
  link: string;
  /** Ends the program at once, as a power cut does. */
  kill(): Promise<void>;
}

export class Hotline {
  /** All that hub and desk wrote to standard error. */
  log = "";
  private readonly served = new Set<ChildProcess>();

  private constructor(
    readonly data: string,
    readonly ready: Ready,
    readonly passphrase: string,
    private readonly process: ChildProcess,
  ) {}

  /** With the desks of so many people; of several the beats are six seconds long, of one two. */
  static async start(desks = 1): Promise<Hotline> {
    const data = await mkdtemp(join(tmpdir(), "callsign-test-"));
    const demo = [
      "demo",
      "--json",
      "--hub-port",
      "0",
      "--desk-port",
      "0",
      "--desks",
      String(desks),
      "--no-callers",
      "--data",
      data,
    ];
    // All that hub and desk could ever log, so that a search of the log means something.
    const env = { CALLSIGN_LOG: "trace" };
    const child = spawn(BINARY as string, demo, { env, stdio: ["ignore", "pipe", "pipe"] });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await heard(child, once(lines, "line"), "callsign demo, until it is ready")) as [string];
    const ready = JSON.parse(line) as Ready;
    const passphrase = (await readFile(ready.passphrase_file, "utf8")).trim();
    const hotline = new Hotline(data, ready, passphrase, child);
    child.stderr.on("data", (chunk) => {
      hotline.log += String(chunk);
    });
    return hotline;
  }

  /** Runs a command of the binary; what it printed as JSON. */
  async run(args: string[], input = ""): Promise<Printed> {
    const env = { CALLSIGN_PASSPHRASE: this.passphrase };
    const child = spawn(BINARY as string, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(input);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    const [code] = await heard(child, once(child, "close"), `callsign ${args.join(" ")}, until it ends`);
    if (code !== 0) throw new Error(`callsign ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout === "" ? null : JSON.parse(stdout);
  }

  /** Serves the pages of the desk whose files are in a directory; at the port of an earlier run, where one is given. */
  async serve(data: string, port = "0"): Promise<Served> {
    const args = ["desk", "serve", "--json", "--listen", `127.0.0.1:${port}`, "--data", data];
    const env = { CALLSIGN_PASSPHRASE: this.passphrase };
    const child = spawn(BINARY as string, [...args, "--stop-with-input"], { env, stdio: "pipe" });
    this.served.add(child);
    child.stderr.on("data", (chunk) => {
      this.log += String(chunk);
    });
    const lines = createInterface({ input: child.stdout });
    // One that ends before it is ready has said why.
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`callsign desk serve ended with ${code}: ${this.log}`);
    });
    const ready = Promise.race([once(lines, "line"), ended]) as Promise<[string]>;
    const [line] = (await heard(child, ready, "callsign desk serve, until it is ready")) as [string];
    ended.catch(() => {});
    const kill = async () => {
      this.served.delete(child);
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    };
    return { link: JSON.parse(line).link, kill };
  }

  /** The link that lets a browser into the desk, once. */
  get desk(): string {
    return (this.ready.desks[0] as { link: string }).link;
  }

  /** Where the desk's files are. */
  get deskData(): string {
    return (this.ready.desks[0] as { data: string }).data;
  }

  /** Lets a browser into a desk and unlocks it. */
  async enterDesk(page: Page, link = this.desk): Promise<void> {
    await page.goto(link);
    await page.fill("#passphrase", this.passphrase);
    await page.click("#unlock");
    await page.waitForSelector("#board");
  }

  /** Stops hub and desks, and removes their files. */
  async stop(): Promise<void> {
    for (const child of this.served) {
      child.stdin?.end();
      if (child.exitCode === null)
        await heard(child, once(child, "exit"), "callsign desk serve, until it stops");
    }
    this.process.kill("SIGTERM");
    if (this.process.exitCode === null)
      await heard(this.process, once(this.process, "exit"), "callsign demo, until it stops");
    await rm(this.data, { recursive: true, force: true });
  }
}
