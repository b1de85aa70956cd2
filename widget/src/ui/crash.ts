/** Owns what a visitor sees when the bubble itself has a mistake. */
import { h } from "./dom";

/** A line that stays until the page is loaded again. */
export class CrashLine {
  readonly element = h("div", { class: "crash", role: "alert", hidden: true });

  constructor(reload: () => void) {
    const again = h("button", { type: "button", on: { click: reload } }, "Reload");
    this.element.append("An unhandled error has occurred. ", again);
  }

  /** Report a mistake: to the visitor, and to who reads the console. */
  report(error: unknown): void {
    this.element.hidden = false;
    console.error("Heidi:", error);
  }
}
