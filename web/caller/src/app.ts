// What every screen gets: the session, the texts of the language, where to go next, and what was typed so far.
import type { TextKey } from "./language.ts";
import type { Session } from "./session.ts";

export type ScreenName = "welcome" | "write" | "call" | "return" | "procedures";

export interface Screen {
  readonly element: HTMLElement;
  /** Shows what has changed in the session since. */
  update(): void;
}

/** Kept in memory only, so that a change of language or screen loses nothing. */
export interface Drafts {
  text: string;
  track: string;
  safeTimes: string;
  phrase: string;
  procedureTrack: string;
}

export interface App {
  readonly session: Session;
  readonly drafts: Drafts;
  readonly language: string;
  now(): number;
  /** Resolves when the browser has had its turn. */
  turn(): Promise<void>;
  t(key: TextKey, values?: Readonly<Record<string, string | number>>): string;
  go(screen: ScreenName): void;
}

export const emptyDrafts = (): Drafts => ({
  text: "",
  track: "",
  safeTimes: "",
  phrase: "",
  procedureTrack: "",
});
