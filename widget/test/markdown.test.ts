import { describe, expect, test } from "vitest";
import { parseBlocks } from "../src/markdown/blocks";
import { parseInline } from "../src/markdown/inline";
import { allowedHref, safeHref } from "../src/markdown/links";
import { marker, placeMarkers, withoutMarkers } from "../src/markdown/markers";
import type { Citation } from "../src/protocol/events";

const text = (value: string) => ({ kind: "text", text: value });
const paragraph = (...children: unknown[]) => ({ kind: "paragraph", children });
const cited = (number: number, start: number, end: number): Citation => ({
  number,
  start,
  end,
  title: "",
  path: "",
  date: "",
  sourceName: "",
  sourceUrl: "",
  quote: "",
});

describe("lines", () => {
  test.each<[string, unknown[]]>([
    ["plain", [text("plain")]],
    ["a **b** c", [text("a "), { kind: "strong", children: [text("b")] }, text(" c")]],
    ["__b__", [{ kind: "strong", children: [text("b")] }]],
    ["*a* and _b_", [
      { kind: "emphasis", children: [text("a")] },
      text(" and "),
      { kind: "emphasis", children: [text("b")] },
    ]],
    ["***both***", [
      { kind: "strong", children: [text("*both")] },
      text("*"),
    ]],
    ["snake_case_name", [text("snake_case_name")]],
    ["2 * 3 * 4", [text("2 * 3 * 4")]],
    ["**open", [text("**open")]],
    ["`a **b**`", [{ kind: "code", text: "a **b**" }]],
    ["\\*plain\\*", [text("*plain*")]],
    ["[a](https://b.example/c)", [
      { kind: "link", href: "https://b.example/c", children: [text("a")] },
    ]],
    ["![picture](https://evil.example/?q=secret)", [text("picture")]],
    ["a\nb", [text("a"), { kind: "break" }, text("b")]],
    [`a${marker(2)}.`, [text("a"), { kind: "cite", number: 2 }, text(".")]],
    [`\`a${marker(1)}\``, [{ kind: "code", text: "a" }, { kind: "cite", number: 1 }]],
  ])("%j", (source, pieces) => {
    expect(parseInline(source)).toEqual(pieces);
  });
});

describe("blocks", () => {
  test("paragraphs, headings, quotes and code", () => {
    expect(parseBlocks("# A\n\nb\nc\n\n> d\n\n```js\n<e>\n```\nf")).toEqual([
      { kind: "heading", children: [text("A")] },
      paragraph(text("b"), { kind: "break" }, text("c")),
      { kind: "quote", children: [paragraph(text("d"))] },
      { kind: "code", text: "<e>" },
      paragraph(text("f")),
    ]);
  });

  test("lists, nested and numbered", () => {
    expect(parseBlocks("Intro:\n- a\n  1. b\n- c\n\n3. d\n4. e")).toEqual([
      paragraph(text("Intro:")),
      {
        kind: "list",
        isOrdered: false,
        start: 1,
        items: [
          [
            paragraph(text("a")),
            { kind: "list", isOrdered: true, start: 1, items: [[paragraph(text("b"))]] },
          ],
          [paragraph(text("c"))],
        ],
      },
      {
        kind: "list",
        isOrdered: true,
        start: 3,
        items: [[paragraph(text("d"))], [paragraph(text("e"))]],
      },
    ]);
  });

  test("tables, with rows made as long as their header", () => {
    const cells = (...values: string[]) => values.map((value) => (value ? [text(value)] : []));
    expect(parseBlocks("Prices:\n| Chip | Price |\n|:--|--:|\n| A \\| B | $1 |\n| C\nafter")).toEqual([
      paragraph(text("Prices:")),
      {
        kind: "table",
        header: cells("Chip", "Price"),
        rows: [cells("A | B", "$1"), cells("C", "")],
      },
      paragraph(text("after")),
    ]);
  });

  test.each(["a | b", "a | b\n- c", "a | b\n|---|", "a\n---"])("%j is no table", (source) => {
    expect(parseBlocks(source).map((block) => block.kind)).not.toContain("table");
  });

  test("every beginning of an answer can be read", () => {
    const source = "**A** [b](https://c.example)\n\n- d `e`\n  - f\n\n> g\n\n```\nh\n```\n1. i\n\n| j | k |\n|---|---|\n| l | m |";
    for (let at = 0; at <= source.length; at += 1) parseBlocks(source.slice(0, at));
  });

  test.each(["*", "_", "**", "`", "[", "[a](", "![", "> ", "- ", "`*_", "\\", "(((", "|", "|-\n"])(
    "a hundred kilobytes of %j take little time",
    (piece) => {
      const begun = performance.now();
      parseBlocks(piece.repeat(100_000 / piece.length));
      expect(performance.now() - begun).toBeLessThan(2_000);
    },
  );
});

describe("citation numbers", () => {
  test("stand at the end of their span, counted in code points", () => {
    expect(placeMarkers("🏔️ A. B.", [cited(1, 0, 5), cited(2, 6, 8)])).toBe(
      `🏔️ A.${marker(1)} B.${marker(2)}`,
    );
  });

  test("stand before the space when a span ends behind it, and each once", () => {
    const citations = [cited(1, 0, 3), cited(1, 0, 3), cited(2, 0, 3)];
    expect(placeMarkers("A.\n\nB.", citations)).toBe(`A.${marker(1)}${marker(2)}\n\nB.`);
  });

  test("take the place that the answer itself has written", () => {
    expect(placeMarkers("A [1]. B [7].", [cited(1, 0, 6)])).toBe(`A ${marker(1)}. B [7].`);
  });

  test("can't be forged in the text", () => {
    expect(placeMarkers(`A${marker(9)}`, [])).toBe("A\uFFFD9\uFFFD");
    expect(withoutMarkers(`A${marker(9)}.`)).toBe("A.");
  });

  test("beyond the text stand at its end", () => {
    expect(placeMarkers("A", [cited(3, 0, 99)])).toBe(`A${marker(3)}`);
  });
});

test.each([
  ["https://a.example/b", "https://a.example/b"],
  ["/briefings/a", "https://heidi.example/briefings/a"],
  ["http://a.example", "http://a.example/"],
  ["//a.example", "https://a.example/"],
  ["mailto:a@b.example", null],
  ["https://bank.example@evil.example/", null],
  ["https://", null],
])("the link %s leads to %s", (href, expected) => {
  expect(safeHref(href, "https://heidi.example")).toBe(expected);
});

describe("an answer", () => {
  const policy = {
    base: "https://heidi.example",
    hosts: ["docs.example", "docs.example:8443"],
    addresses: ["https://source.example/post?id=7#top", "", "javascript:alert(1)"],
  };

  test.each([
    // Heidi's own pages, as they are.
    ["/briefings?page=2#b", "https://heidi.example/briefings?page=2#b"],
    ["https://heidi.example/a", "https://heidi.example/a"],
    // Hosts that the server names, without what could carry data.
    ["https://docs.example/guide?balance=2480.15#iban", "https://docs.example/guide"],
    ["https://docs.example:8443/a", "https://docs.example:8443/a"],
    ["https://DOCS.example./a", null],
    ["https://docs.example:9999/a", null],
    ["https://docs.example/2480.15,77123.45", null],
    [`https://docs.example/${"QWxhZGRpbg".repeat(5)}`, null],
    ["https://docs.example/post-2026-11-24/robots", "https://docs.example/post-2026-11-24/robots"],
    // The sources of the answer: as named, and other pages of their host.
    ["https://source.example/post?id=7#top", "https://source.example/post?id=7#top"],
    ["https://source.example/post?id=7&balance=1", "https://source.example/post"],
    // Everybody else.
    ["https://evil.example/", null],
    ["https://docs.example.evil.example/", null],
    ["https://evil.example/#docs.example", null],
    ["https://docs.example@evil.example/", null],
    ["//evil.example/a", null],
    ["\\\\evil.example\\a", null],
    ["http://heidi.example.evil.example", null],
    ["https://xn--dcs-tna.example/", null],
    ["javascript:alert(1)", null],
  ])("that links to %s leads to %s", (href, expected) => {
    expect(allowedHref(href, policy)).toBe(expected);
  });
});
