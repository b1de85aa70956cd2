/** The entry of the bundle: registers the element and puts the bubble on the page, once. */
import { HeidiChat } from "./element";
import { embed, ownScript, type HeidiApi } from "./embedding";

declare global {
  interface Window {
    heidi?: HeidiApi;
  }
}

if (!customElements.get("heidi-chat")) {
  customElements.define("heidi-chat", HeidiChat);
  window.heidi = embed(ownScript());
}
