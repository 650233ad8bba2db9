// Days and weeks as the protocol counts them, in UTC.

export const DAY_S = 86_400;
export const DAY_MS = DAY_S * 1000;

export const dayOf = (unixMs: number): number => Math.floor(unixMs / DAY_MS);

/** Weeks begin on Monday. */
export const weekOf = (day: number): number => Math.floor((day + 3) / 7);
