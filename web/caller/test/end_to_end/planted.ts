// Planted secrets: whatever was said must lie in no file, in no encoding that a file could have.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The ways in which a secret could lie in a file. */
function encodings(secret: string): [string, Buffer][] {
  const utf8 = Buffer.from(secret, "utf8");
  const utf16 = Buffer.from(secret, "utf16le");
  const found: [string, Buffer][] = [
    ["UTF-8", utf8],
    ["UTF-16LE", utf16],
    ["UTF-16BE", Buffer.from(utf16).swap16()],
    ["hexadecimal", Buffer.from(utf8.toString("hex"))],
  ];
  for (const alphabet of ["base64", "base64url"] as const) {
    for (const shift of [0, 1, 2]) {
      const shifted = Buffer.concat([Buffer.alloc(shift), utf8]);
      const whole = shifted.subarray(0, shifted.length - (shifted.length % 3)).toString(alphabet);
      // The first characters depend on what stands before.
      found.push([`${alphabet} at ${shift}`, Buffer.from(whole.slice([0, 2, 3][shift]))]);
    }
  }
  return found;
}

/** Where secrets are in these bytes. */
export function findIn(bytes: Buffer, secrets: Record<string, string>): string[] {
  return Object.entries(secrets).flatMap(([what, secret]) =>
    encodings(secret)
      .filter(([, needle]) => bytes.includes(needle))
      .map(([encoding]) => `${what} in ${encoding}`),
  );
}

/** Where secrets are in the files below a folder. */
export async function findBelow(folder: string, secrets: Record<string, string>): Promise<string[]> {
  const found: string[] = [];
  let bytesRead = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    bytesRead += bytes.length;
    found.push(...findIn(bytes, secrets).map((what) => `${path}: ${what}`));
  }
  if (bytesRead === 0) throw new Error(`nothing was searched below ${folder}`);
  return found;
}
