// The way out by keys: three taps of Escape or Shift alone leave, and no other gesture does.
import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { test } from "node:test";
import { onThreeTaps } from "../src/leaving_taps.ts";

const KEY_MS = 80;

/** A document that people type on; each event comes 80 ms after the one before. */
class Typing {
  readonly target = new EventTarget();
  left = 0;
  private now = 1_000_000;
  private readonly modifiers = new Set<string>();
  private readonly ending = new AbortController();

  constructor() {
    setMaxListeners(0, this.ending.signal);
    onThreeTaps(this.target, () => this.left++, this.ending.signal);
  }

  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  event(type: string, members: Readonly<Record<string, unknown>> = {}): this {
    this.wait(KEY_MS);
    const event = new Event(type, { cancelable: true });
    const has = (name: string) => this.modifiers.has(name);
    const flags = {
      altKey: has("Alt"),
      ctrlKey: has("Control"),
      metaKey: has("Meta"),
      shiftKey: has("Shift"),
    };
    for (const [name, value] of Object.entries({
      ...{ ...flags, timeStamp: this.now, repeat: false, isComposing: false },
      getModifierState: has,
      ...members,
    })) {
      Object.defineProperty(event, name, { value });
    }
    this.target.dispatchEvent(event);
    return this;
  }

  down(key: string, code = key, more = {}): this {
    this.modifiers.add(key);
    return this.event("keydown", { key, code, ...more });
  }

  up(key: string, code = key, more = {}): this {
    this.modifiers.delete(key);
    return this.event("keyup", { key, code, ...more });
  }

  tap(key: string, code = key): this {
    return this.down(key, code).up(key, code);
  }
}

const threeTimes = (gesture: (typing: Typing) => void): Typing => {
  const typing = new Typing();
  for (let i = 0; i < 3; i++) gesture(typing);
  return typing;
};

test("three taps of either key leave, on the left, on the right and in turn", () => {
  assert.equal(threeTimes((typing) => typing.tap("Escape")).left, 1);
  assert.equal(threeTimes((typing) => typing.tap("Shift", "ShiftLeft")).left, 1);
  const turns = new Typing().tap("Shift", "ShiftLeft").tap("Shift", "ShiftRight");
  assert.equal(turns.left, 0);
  assert.equal(turns.tap("Shift", "ShiftLeft").left, 1);
  // Where the browser hides places of keys.
  assert.equal(threeTimes((typing) => typing.tap("Shift", "")).left, 1);
});

const HARMLESS: Readonly<Record<string, (typing: Typing) => void>> = {
  "capital letters": (t) => t.down("Shift").tap("A", "KeyA").up("Shift"),
  "capital letters in a hurry, where Shift ends first": (t) =>
    t.down("Shift").down("A", "KeyA").up("Shift").up("a", "KeyA"),
  "a letter that is still down": (t) => t.down("a", "KeyA").tap("Shift").up("a", "KeyA"),
  "a letter between": (t) => t.tap("Shift").tap("a", "KeyA"),
  "selecting with arrows": (t) => t.down("Shift").tap("ArrowRight").up("Shift"),
  "layouts by Alt and Shift": (t) => t.down("Alt").tap("Shift").up("Alt"),
  "layouts by Shift and Alt": (t) => t.down("Shift").down("Alt").up("Shift").up("Alt"),
  "layouts by Control and Shift": (t) => t.down("Control").tap("Shift").up("Control"),
  "layouts by the Windows key and space": (t) => t.down("Meta").tap(" ", "Space").up("Meta").tap("Shift"),
  "layouts by both Shifts": (t) =>
    t
      .down("Shift", "ShiftLeft")
      .down("Shift", "ShiftRight")
      .up("Shift", "ShiftRight")
      .up("Shift", "ShiftLeft"),
  "a switch whose modifier only shows in flags": (t) =>
    t.down("Shift").up("Shift", "Shift", { altKey: true }),
  "the third level": (t) => t.down("AltGraph").tap("Shift").up("AltGraph"),
  "shift and click": (t) => t.down("Shift").event("pointerdown").event("pointerup").up("Shift"),
  "a click between": (t) => t.tap("Shift").event("pointerdown").event("pointerup"),
  "selecting with the pointer": (t) => t.event("pointerdown").tap("Shift").event("pointerup"),
  "scrolling sideways": (t) => t.down("Shift").event("wheel").up("Shift"),
  "auto-repeat": (t) => t.down("Shift").down("Shift", "Shift", { repeat: true }).up("Shift"),
  "a key that is held for long": (t) => t.down("Shift").wait(2000).up("Shift"),
  "an input method": (t) => t.down("Escape", "Escape", { isComposing: true }).up("Escape"),
  "the end of a composition between": (t) => t.tap("Escape").event("compositionend"),
  "text that comes from elsewhere": (t) => t.tap("Shift").event("input"),
  "a list that is closed": (t) => t.down("Escape", "Escape", { defaultPrevented: true }).up("Escape"),
  "the task manager": (t) => t.down("Shift").tap("Escape").up("Shift"),
  "one key, then the other": (t) => t.tap("Shift").tap("Escape"),
  "slow taps": (t) => t.tap("Shift").wait(2000),
  "a look at another window": (t) => t.tap("Shift").event("visibilitychange"),
  "only ends of presses": (t) => t.up("Shift"),
};

for (const [what, gesture] of Object.entries(HARMLESS)) {
  test(`${what}: stays, and the way out works afterwards`, () => {
    const typing = threeTimes(gesture);
    assert.equal(typing.left, 0);
    typing.wait(4000);
    for (let i = 0; i < 3; i++) typing.tap("Escape");
    assert.equal(typing.left, 1);
  });
}

test("a modifier held for all three taps stays", () => {
  for (const modifier of ["Alt", "Control", "Meta", "AltGraph"]) {
    const typing = new Typing().down(modifier);
    for (let i = 0; i < 4; i++) typing.tap("Shift").tap("Escape");
    for (let i = 0; i < 4; i++) typing.tap("Shift");
    assert.equal(typing.left, 0, modifier);
    typing.up(modifier).tap("Shift").tap("Shift").tap("Shift");
    assert.equal(typing.left, 1, modifier);
  }
});

test("a press whose end never comes bars the way out for some seconds only", () => {
  const typing = new Typing().down("F5").wait(6000);
  for (let i = 0; i < 3; i++) typing.tap("Escape");
  assert.equal(typing.left, 1);
});
