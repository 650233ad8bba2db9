// Builds DOM elements in one expression, without markup in strings (the page's policy forbids it).

type Attribute = string | number | boolean | ((event: Event) => void);
type Child = Node | string | null | false;

/** A function becomes a listener, `true` an empty attribute, `false` none. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

/** Sets a text only where it differs, so that screen readers hear a change once. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Replaces children only where `key` differs from the last time. */
export function setChildren(element: HTMLElement, key: string, make: () => readonly Child[]): void {
  if (shown.get(element) === key) return;
  shown.set(element, key);
  element.replaceChildren(
    ...make().filter((child): child is Node | string => child !== null && child !== false),
  );
}

const shown = new WeakMap<HTMLElement, string>();

export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}
