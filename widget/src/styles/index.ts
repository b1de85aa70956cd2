/** Owns how the style sheets get into the shadow tree. */
import answer from "./answer.css?inline";
import base from "./base.css?inline";
import cards from "./cards.css?inline";
import panel from "./panel.css?inline";
import thread from "./thread.css?inline";

/** Style a shadow tree. Adopted sheets also work where the page's policy forbids inline styles. */
export function adoptStyles(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([base, panel, thread, answer, cards].join("\n"));
  root.adoptedStyleSheets = [sheet];
}
