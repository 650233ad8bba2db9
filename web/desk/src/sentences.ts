// Sentences that are put together.

/** That messages came, whether one is from the caller on this page, and how many calls wait. */
export function arrival(messages: number, oneIsHere: boolean, waiting: string): string {
  const came = messages === 1 ? "A new message" : `${messages} new messages`;
  return `${came}.${oneIsHere ? " One is from this caller." : ""} Waiting: ${waiting}.`;
}

/** How much of an answer's room is used. */
export function count(bytes: number, parts: number, partBytes: number, partsMax: number): string {
  const number = (n: number) => n.toLocaleString("en");
  const used = `${number(bytes)} of ${number(partBytes * partsMax)} bytes, ${parts} of ${partsMax} parts`;
  return parts > partsMax ? `${used}: too long. Send it as several answers.` : used;
}
