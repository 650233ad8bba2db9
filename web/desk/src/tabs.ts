// The tabs of one desk, which tell each other what one of them hears.

/** What the desk program says, or that it says nothing. */
export type Heard = "changed" | "locked" | "here" | "away";

const tabs = new BroadcastChannel("callsign-desk");

/** Tells all other tabs. */
export const tell = (heard: Heard) => tabs.postMessage(heard);

/** Calls this with what another tab tells. */
export function whenTold(hear: (heard: Heard) => void): void {
  tabs.onmessage = (event: MessageEvent<Heard>) => hear(event.data);
}
