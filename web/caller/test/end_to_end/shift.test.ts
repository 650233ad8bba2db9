// A whole shift: three people at four desks and twenty callers, with all that goes wrong on such a day.
//
// Kalyna works at two devices, a computer and a tablet, Osyka at one, and Verba alone behind a line that is nearly always cut. For Verba's hour
// stands all that the others do meanwhile, some twenty of their beats and more: from the seventh call until most are answered, and once more
// from the last answers until the end. In between Verba hears of everything for a moment.
import { after, before, test } from "node:test";
import { callersWrite, comeBack, workOffline } from "./shift/cut_off.ts";
import { allAlike, answerTheRest, handover, lookThingsUp } from "./shift/end.ts";
import { crashWhileWriting, deviceLost, lockWhileWriting } from "./shift/mishaps.ts";
import { Shift } from "./shift/shift.ts";
import { answeredTwice, handedOver, takenTwice, urgentFirst } from "./shift/together.ts";

const STEPS: [string, (shift: Shift) => Promise<void>][] = [
  ["six call before the line to Verba is cut, fourteen behind it", callersWrite],
  ["the urgent one is first everywhere", urgentFirst],
  ["two take one case", takenTwice],
  ["two answer one case", answeredTwice],
  ["a case is handed over", handedOver],
  ["the program dies while somebody writes", crashWhileWriting],
  ["a desk is locked while somebody writes", lockWhileWriting],
  ["a device is lost", deviceLost],
  ["Verba works on without the hub", workOffline],
  ["Verba's hour is over", comeBack],
  ["the others are answered by turns", answerTheRest],
  ["an earlier call is looked up", lookThingsUp],
  ["the shift ends", handover],
  ["all desks show the same, and callers have got each answer once", allAlike],
];

let shift: Shift;

before(async () => {
  shift = await Shift.begin();
});

after(() => shift?.end());

test("a whole shift", async (context) => {
  for (const [what, act] of STEPS) {
    const began = performance.now();
    try {
      await act(shift);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`the shift stops where ${what}: ${why}`, { cause });
    }
    context.diagnostic(`${what}: ${Math.round((performance.now() - began) / 1000)} s`);
  }
});
