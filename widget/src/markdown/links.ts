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

/** Where the links of an answer may lead. */
export interface LinkPolicy {
  /** Heidi's server, whose host is always allowed. */
  readonly base: string;
  /** Other hosts that the server names, such as `docs.example` or `docs.example:8443`. */
  readonly hosts: readonly string[];
  /** Addresses that the server names, such as those of an answer's sources. */
  readonly addresses: readonly string[];
}

/**
 * The absolute address of a link that an answer wrote itself, or null if it may lead nowhere.
 *
 * The server lets no such link through; this holds where that should fail. On hosts that are not
 * Heidi's own, the parts of an address that carry data to its host are left out, unless the server
 * has named this very address.
 */
export function allowedHref(href: string, policy: LinkPolicy): string | null {
  const safe = safeHref(href, policy.base);
  if (safe === null) return null;
  const url = new URL(safe);
  if (url.origin === new URL(policy.base).origin || policy.addresses.includes(safe)) return safe;
  const named = policy.addresses.map((address) => safeHref(address, policy.base));
  const hosts = new Set([...policy.hosts, ...named.map((one) => one && new URL(one).host)]);
  if (!hosts.has(url.host) || PAYLOAD.test(url.pathname)) return null;
  url.search = "";
  url.hash = "";
  return url.href;
}

/** No word of a path: so long, or so many digits, may be somebody's data. */
const PAYLOAD = /[A-Za-z0-9+=%_]{48,}|\d[\d.,%]{8,}/;
