// Sentences that are put together.
import { say } from "./texts.ts";

/** That messages came, whether one is from the caller on this page, and how many calls wait. */
export function arrival(messages: number, oneIsHere: boolean, waiting: string): string {
  return oneIsHere
    ? say("script-arrival-here", { messages, waiting })
    : say("script-arrival", { messages, waiting });
}

/** How much of an answer's room is used. */
export function count(bytes: number, parts: number, partBytes: number, max: number): string {
  const all = partBytes * max;
  return parts > max
    ? say("script-room-over", { bytes, all, parts, max })
    : say("script-room", { bytes, all, parts, max });
}
