"""Turning posts into clean prose."""

from __future__ import annotations

import pytest

from indexing.cleaning import clean_text
from indexing.prose import BlockKind


def clean(text: str, **options: bool) -> list[str]:
    return [block.text for block in clean_text(text, title="The title", **options)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("---\ntitle: x\n---\nBody text.", ["Body text."]),
        ("# The Title\n\nBody text.", ["Body text."]),
        ('{{< figure src="a.png" >}}\nBody {{% note %}}text{{% /note %}}.', ["Body text."]),
        ('See [the site]({{ "/" | url }}) {% if x %}now{% endif %}.', ["See the site now."]),
        ("Body text.\n\n```sh\nrm -rf /\n```\n\nMore text.", ["Body text.", "More text."]),
        ("Run this. It prints the following:\n\n```\nx\n```", ["Run this."]),
        ("Run this:\n\n```\nx\n```", []),
        ("![alt](a.png)\n\n[![badge](b.svg)](https://ci.example)\n\nBody text.", ["Body text."]),
        (
            "See [RFC 1][rfc] and [RFC 2][none].\n\n[rfc]: https://a.example",
            ["See RFC 1 and RFC 2."],
        ),
        ("A claim[^1].\n\n[^1]: A note\nthat goes on.\n\nNext one.", ["A claim.", "Next one."]),
        ("- [Setup](#setup)\n- [Usage](#usage)\n\n## Setup\n\nBody text.", ["Setup", "Body text."]),
        ("<!-- more -->\n<div><p>Body <b>text</b>.</p><script>x()</script></div>", ["Body text."]),
        ("import X from 'x'\n\n:::note\n\nBody text.\n\n:::", ["Body text."]),
        (
            '!!! info "Note"\n    Boxed text.\n\n    More of it.\n\nBody.',
            ["Boxed text.", "More of it.", "Body."],
        ),
        ("## Empty\n\n## Full\n\nBody text.\n\n## Last", ["Full", "Body text."]),
        (
            "Body.\n\n## References\n\n- A paper\n\n### More\n\nx y\n\n## Next\n\nEnd.",
            ["Body.", "Next", "End."],
        ),
        ("Body.\n\nJoin our Slack channel and follow us on Twitter!", ["Body."]),
        ("_This article was originally posted on example.org._\n\nBody.", ["Body."]),
        ("Installer: https://dist.example/v1/installer-x64.msi\n\nBody.", ["Body."]),
        (
            "- \\[[`8a90f55a05`](https://g.example)] - **(SEMVER-MINOR)** fs: allow it [#38287](https://g.example)",
            ["fs: allow it"],
        ),
        ("🚀 Faster :tada: now.", ["Faster now."]),
        ("", []),
        ("```\nnever closed", []),
    ],
)
def test_only_prose_is_left(text: str, kept: list[str]) -> None:
    assert clean(text) == kept


def test_sentence_cut_off_by_truncation_is_left_out() -> None:
    assert clean("Whole paragraph.\n\nA half sen", is_truncated=True) == ["Whole paragraph."]
    assert clean("Whole paragraph.\n\nA half sen") == ["Whole paragraph.", "A half sen"]


def test_announced_lists_and_tables_stay() -> None:
    blocks = clean_text("New:\n\n- Faster\n- Safer\n\n|A|B|\n|-|-|\n|1|2|", title="")
    assert [(block.kind, block.text) for block in blocks] == [
        (BlockKind.PARAGRAPH, "New:"),
        (BlockKind.ITEM, "Faster"),
        (BlockKind.ITEM, "Safer"),
        (BlockKind.ROW, "A: 1; B: 2"),
    ]
