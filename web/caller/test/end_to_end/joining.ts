// People and devices that join a desk: by the page on one side, and by commands on the other.
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Hotline } from "./hotline.ts";

/** The line of a person on the page of people; not by what it holds: the form that gives a device away names all the others. */
export const lineOf = (person: string) => `#people > li:has(> h2 .person:text-is("${person}"))`;

/** Adds a person by the page's form, and lets a device of theirs in by commands; it reaches the hub by a link. */
export async function joinColleague(
  hotline: Hotline,
  page: Page,
  name: string,
  link = hotline.ready.caller,
): Promise<string> {
  await page.goto(new URL("/people", page.url()).href);
  await page.fill("#name", name);
  await page.click("#add button");
  await page.waitForSelector(`#people .person:has-text("${name}")`);
  const ask = ["desk", "join", "--json", "--data", join(hotline.data, name), "--hub"];
  const asked = await hotline.run([...ask, link]);
  const admit = ["desk", "admit", "--json", "--data", hotline.deskData, "--person", name];
  const { admitted } = await hotline.run([...admit, "--code", asked.check_words, "-"], asked.request);
  // By its first entry the others know it.
  await hotline.run(["desk", "sync", "--json", "--data", join(hotline.data, name)]);
  // Each form asks the hub first, and so hears of what the command has done.
  const them = lineOf(name);
  await page.click(`${them} details[id^="roles-"] > summary`);
  await page.check(`${them} [name=operator]`);
  await page.click(`${them} form[action="/people/roles"] button`);
  await page.waitForSelector(`[data-device="${admitted}"]`);
  return admitted;
}

/** A device asks with the code that the page shows, and ends when it was let in. */
export async function comeWithCode(hotline: Hotline, page: Page, name: string): Promise<unknown> {
  const code = (await page.textContent("div.code")) ?? "";
  const ask = ["desk", "join", "--json", "--data", join(hotline.data, name), "--hub", hotline.ready.caller];
  return hotline.run([...ask, "--code", code]);
}
