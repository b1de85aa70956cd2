/** Owns the making of elements: names, attributes, listeners and children; never markup. */

/** What an element can contain. */
export type Child = Node | string | null | false;

/** Attributes by name; `on` holds listeners. Null, undefined and false leave an attribute out. */
export interface Props {
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly [attribute: string]: unknown;
}

/** A new element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { on = {}, ...attributes } = props;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener);
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** A part of the page that is made anew only when what it shows has changed. */
export class Slot {
  #shown: readonly unknown[] | null = null;

  constructor(readonly element: HTMLElement) {}

  /** Show what `build` makes, unless it was made from the same values already. */
  render(values: readonly unknown[], build: () => Child | readonly Child[]): void {
    const shown = this.#shown;
    if (shown?.length === values.length && values.every((v, i) => Object.is(v, shown[i]))) return;
    this.#shown = values;
    const hadFocus = containsFocus(this.element);
    const content = [build()].flat().filter((child) => child !== null && child !== false);
    this.element.replaceChildren(...(content as (Node | string)[]));
    this.element.hidden = content.length === 0;
    if (hadFocus) keepFocus(this.element);
  }
}

/** Whether the focus is in an element (of a shadow tree). */
export function containsFocus(element: HTMLElement): boolean {
  const root = element.getRootNode() as Partial<DocumentOrShadowRoot>;
  return root.activeElement ? element.contains(root.activeElement) : false;
}

/** The focus goes to the first thing in the element that takes it, or to the element itself. */
function keepFocus(element: HTMLElement): void {
  const next = focusable(element)[0];
  if (next) return next.focus();
  element.tabIndex = -1;
  element.focus();
}

/** What the Tab key stops at in an element, in order. */
export function focusable(element: HTMLElement): HTMLElement[] {
  const selector = "a[href], button:not([disabled]), textarea, input, [tabindex='0']";
  const found = Array.from(element.querySelectorAll<HTMLElement>(selector));
  return found.filter((candidate) => !candidate.closest("[hidden]"));
}
