// What is written on a page, is not kept, and goes with the page when the desk is locked.
import { holdsNote } from "./beside.ts";
import { byId, find } from "./elements.ts";
import { say } from "./texts.ts";

const WARNING = say("script-loss");
const WARNING_ID = "loss";

/** Says what a second Esc costs, where anything stands on this page that was not sent; until somebody types on. */
export function warnOfLoss(): void {
  if (!holdsUnsent() || byId(WARNING_ID)) return;
  const warning = document.createElement("p");
  warning.id = WARNING_ID;
  warning.className = "trouble";
  warning.setAttribute("role", "alert");
  warning.textContent = WARNING;
  document.body.append(warning);
  addEventListener("input", () => warning.remove(), { once: true });
}

function holdsUnsent(): boolean {
  const reply = find("reply", HTMLTextAreaElement);
  if (reply?.value && reply.form?.dataset.unkept) return true;
  if (holdsNote()) return true;
  const forms = document.querySelectorAll<HTMLInputElement>("form.follow-up input:not([type=hidden])");
  return [...forms].some((field) => field.value !== field.defaultValue);
}
