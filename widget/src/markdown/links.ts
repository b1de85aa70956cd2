/** Owns which addresses an answer may link to. Pure. */

/** The absolute address of a link, or null unless it leads to a web page. */
export function safeHref(href: string, base: string): string | null {
  try {
    const url = new URL(href, base);
    const isWeb = url.protocol === "https:" || url.protocol === "http:";
    // "https://bank.example@evil.example" shows one host and leads to another.
    return isWeb && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}
