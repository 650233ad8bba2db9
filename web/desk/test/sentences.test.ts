// Sentences that are put together read as one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrival, count } from "../src/sentences.ts";

test("new messages are counted, and the caller of this page is named", () => {
  assert.equal(arrival(1, false, "4"), "A new message. Waiting: 4.");
  assert.equal(arrival(3, true, "12"), "3 new messages. One is from this caller. Waiting: 12.");
});

test("an answer that is too long says what to do", () => {
  assert.equal(count(1234, 2, 1800, 4), "1,234 of 7,200 bytes, 2 of 4 parts");
  assert.equal(
    count(7201, 5, 1800, 4),
    "7,201 of 7,200 bytes, 5 of 4 parts: too long. Send it as several answers.",
  );
});
