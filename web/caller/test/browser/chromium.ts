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

/** Milliseconds that only what hangs takes, on a machine however busy. */
export const PATIENCE_MS = 300_000;

export async function launchChromium(...more: string[]): Promise<Browser> {
  const options = { executablePath: installed(), args: [...QUIET, ...more], timeout: PATIENCE_MS };
  const browser = await chromium.launch(options);
  browser.on("context", (context) => context.setDefaultTimeout(PATIENCE_MS));
  return browser;
}

/** Keeps what a browser keeps on disk in the folder `profile`. */
export async function launchChromiumWithProfile(profile: string): Promise<BrowserContext> {
  const options = { executablePath: installed(), args: QUIET, timeout: PATIENCE_MS };
  const context = await chromium.launchPersistentContext(profile, options);
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

function installed(): string {
  if (existsSync(PATH)) return PATH;
  throw new Error(`no Chromium at ${PATH}: run "apt-get install -y chromium", or name one in CHROMIUM`);
}
