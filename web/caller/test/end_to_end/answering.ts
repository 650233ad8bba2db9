// Answering as a person does: what is written is looked over first.
import type { Page } from "playwright-core";

/** Sends what stands in the box, by a button of the preview. */
export async function sendAnswer(desk: Page, button = "#send"): Promise<void> {
  await desk.click("#look-over");
  await desk.click(button);
}
