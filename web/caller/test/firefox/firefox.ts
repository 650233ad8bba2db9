// Starts the Firefox of the machine, with its own preferences or with those of Tor Browser; fails with what to install.
import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";

const PATH = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** What Tor Browser sets of what pages can notice; at "Safer" there is neither a JIT nor WebAssembly. */
const TOR_BROWSER = {
  "privacy.resistFingerprinting": true,
  "privacy.resistFingerprinting.letterboxing": true,
  "privacy.spoof_english": 2,
  "javascript.options.ion": false,
  "javascript.options.baselinejit": false,
  "javascript.options.native_regexp": false,
  "javascript.options.wasm": false,
} as const;

export async function launchFirefox(as: "firefox" | "tor browser"): Promise<Browser> {
  if (!existsSync(PATH)) {
    throw new Error(`no Firefox at ${PATH}: run "apt-get install -y firefox-esr", or name one in FIREFOX`);
  }
  return puppeteer.launch({
    browser: "firefox",
    executablePath: PATH,
    extraPrefsFirefox: { "intl.accept_languages": "en", ...(as === "tor browser" ? TOR_BROWSER : {}) },
    // With letterboxing a window never has the size that is asked for, and the request would be waited for.
    defaultViewport: null,
    // Starting takes long on a busy machine; only a hang takes so long.
    ...{ timeout: 300_000, protocolTimeout: 300_000 },
  });
}
