// Starts the Chromium of the machine, without a network of its own; fails with what to install where there is none.
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const PATH = process.env.CHROMIUM ?? "/usr/bin/chromium";

const QUIET = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
  // A name that is no secure context, for the page without crypto.subtle.
  "--host-resolver-rules=MAP plain.test 127.0.0.1",
];

export async function launchChromium(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: installed(), args: [...QUIET, ...more] });
}

/** Keeps what a browser keeps on disk in the folder `profile`. */
export async function launchChromiumWithProfile(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, { executablePath: installed(), args: QUIET });
}

function installed(): string {
  if (existsSync(PATH)) return PATH;
  throw new Error(`no Chromium at ${PATH}: run "apt-get install -y chromium", or name one in CHROMIUM`);
}
