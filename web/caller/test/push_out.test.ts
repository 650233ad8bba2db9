// On leaving, so many derivations follow that Firefox keeps none of a phrase's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DUMMIES, PushOut } from "../src/push_out.ts";

test("more than 150 derivations of one round begin at once, each from a salt of its own", async () => {
  const salts: string[] = [];
  const deriveBits = (parameters: Pbkdf2Params): Promise<ArrayBuffer> => {
    assert.deepEqual([parameters.name, parameters.hash, parameters.iterations], ["PBKDF2", "SHA-512", 1]);
    salts.push(String(parameters.salt));
    return Promise.reject(new Error("the page is gone"));
  };
  const subtle = {
    importKey: crypto.subtle.importKey.bind(crypto.subtle),
    deriveBits,
  } as unknown as SubtleCrypto;
  const pushOut = new PushOut({ subtle, getRandomValues: crypto.getRandomValues.bind(crypto) });
  pushOut.run();
  assert.equal(salts.length, 0);
  await pushOut.prepare();
  pushOut.run();
  assert.equal(salts.length, DUMMIES);
  assert.ok(DUMMIES > 150);
  pushOut.run();
  assert.equal(new Set(salts).size, 2 * DUMMIES);
});
