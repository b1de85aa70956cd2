/** Owns handing a file to the browser's downloads. */
import { h } from "./dom";

/** Save a file under a name. */
export function download(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: name }).click();
  // The browser has begun reading it by then; released at once, some lose it.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
