"""Runs every measure that has a target, and writes one page and the table of the README.

Each measure is a command of its own, in a process of its own, so that none slows another down; what
they write as JSON is gathered here. The targets stand in `ROWS`.

    python -m bench.quality DATA            # or: make quality DATA=…
    python -m bench.quality DATA --only routing --only retrieval
    python -m bench.quality DATA --keep FOLDER  # big indexes are made once, figures are kept, so
                                                # that single measures can be repeated (--only)

DATA is a folder with `routing.jsonl`, `realtimeqa_briefs/` and `clapnq_dev/` (BEIR layout) and
`posts.jsonl`; what is missing there is left out and said. Nothing of it is in the repository.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "eval" / "reports" / "quality.md"
README = ROOT / "README.md"
MARKS = ("<!-- quality -->", "<!-- /quality -->")
Figures = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command."""

    name: str
    command: Sequence[str]
    """With DATA for the folder of data; `--json FILE` is added."""
    needs: str = ""
    """What has to be in that folder."""
    keeps: str = ""
    """Option that names a folder for what may be used again."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure and what it has to reach."""

    step: str
    label: str
    value: Callable[[Figures], float]
    target: float
    is_least: bool = True
    """Whether the target is to be reached from below; else from above."""
    form: str = ".3f"

    def holds(self, value: float) -> bool:
        """Whether a value reaches the target."""
        return value >= self.target if self.is_least else value <= self.target


_REALTIME = ("DATA/realtimeqa_briefs", "--where", "self_contained=true")
_EVAL = ("eval",)
STEPS = (
    Step(name="routing", command=(*_EVAL, "routing", "DATA/routing.jsonl"), needs="routing.jsonl"),
    Step(
        name="retrieval",
        command=(*_EVAL, "retrieval", *_REALTIME),
        needs="realtimeqa_briefs",
    ),
    Step(
        name="answers",
        command=(*_EVAL, "answering", *_REALTIME),
        needs="realtimeqa_briefs",
    ),
    Step(
        name="abstention",
        command=(*_EVAL, "answering", "DATA/clapnq_dev"),
        needs="clapnq_dev",
    ),
    Step(
        name="support",
        command=(*_EVAL, "supported", "--posts", "DATA/posts.jsonl", "--no-texts"),
        needs="posts.jsonl",
        keeps="--cache",
    ),
    Step(
        name="embedding",
        command=("bench.embedding", "DATA/realtimeqa_briefs"),
        needs="realtimeqa_briefs",
    ),
    Step(
        name="indexing",
        command=("bench.indexing", "DATA/posts.jsonl", "--posts", "120"),
        needs="posts.jsonl",
    ),
    Step(name="latency", command=("bench.latency", "--chunks", "100000"), keeps="--folder"),
    Step(name="load", command=("bench.load", "--rate", "20")),
)


def _share(figures: Figures, name: str) -> float:
    found = figures[name]
    return float(found["part"] / found["whole"]) if found["whole"] else 0.0


def _gain(figures: Figures, name: str) -> float:
    best = max(
        each["ndcg_at_10"] for other, each in figures.items() if not other.startswith("heidi")
    )
    return float(figures[name]["ndcg_at_10"] / best - 1)


def _ratio(figures: Figures, names: tuple[str, str], key: str) -> float:
    return float(figures[names[1]][key] / figures[names[0]][key])


ROWS = (
    Row(
        step="routing",
        label="routing, core: accuracy",
        value=lambda f: f["core"]["accuracy"],
        target=0.95,
    ),
    Row(
        step="routing",
        label="routing, hard: accuracy",
        value=lambda f: f["hard"]["accuracy"],
        target=0.85,
    ),
    Row(
        step="retrieval",
        label="nDCG@10 over the best of dense, BM25 and RRF, asked on the day after",
        value=lambda f: _gain(f, "heidi"),
        target=0.08,
        form="+.1%",
    ),
    Row(
        step="retrieval",
        label="– asked without a day",
        value=lambda f: _gain(f, "heidi, day unknown"),
        target=0.08,
        form="+.1%",
    ),
    Row(
        step="answers",
        label="answers of at most 60 words that say a gold answer",
        value=lambda f: f["gold_said_short"],
        target=0.60,
    ),
    Row(
        step="abstention",
        label="abstention: F1",
        value=lambda f: f["abstention_f1"],
        target=0.80,
    ),
    Row(
        step="abstention",
        label="abstention: recall of answers",
        value=lambda f: f["answer_recall"],
        target=0.80,
    ),
    Row(
        step="support",
        label="own questions over posts: supported sentences, by code",
        value=lambda f: _share(f, "supported"),
        target=1.0,
    ),
    Row(
        step="support",
        label="– supported answers, as read",
        value=lambda f: _share(f, "supported_as_read"),
        target=0.95,
    ),
    Row(
        step="embedding",
        label="query embedding: time to PyTorch's, p50",
        value=lambda f: _ratio(f, ("torch", "int8"), "query_p50_ms"),
        target=0.5,
        is_least=False,
        form=".2f",
    ),
    Row(
        step="embedding",
        label="– nDCG@10 to PyTorch's",
        value=lambda f: _ratio(f, ("torch", "int8"), "ndcg_at_10"),
        target=0.995,
        form=".4f",
    ),
    Row(
        step="indexing",
        label="indexing: speed to llama-index's pipeline, posts",
        value=lambda f: 1 / _ratio(f, ("baseline", "heidi"), "job_seconds"),
        target=2.0,
        form=".2f",
    ),
    Row(
        step="indexing",
        label="– the writing of briefings counted, which that does not do",
        value=lambda f: 1 / _ratio(f, ("baseline", "heidi"), "seconds"),
        target=2.0,
        form=".2f",
    ),
    Row(
        step="latency",
        label="retrieval at 100,000 chunks: time to a bare query embedding by PyTorch, p50",
        value=lambda f: _ratio(f, ("embedding by PyTorch", "search"), "p50_ms"),
        target=1.3,
        is_least=False,
        form=".2f",
    ),
    Row(
        step="latency",
        label="– to one by Heidi's own, faster embedder, p50",
        value=lambda f: _ratio(f, ("embedding", "search"), "p50_ms"),
        target=1.3,
        is_least=False,
        form=".2f",
    ),
    Row(
        step="latency",
        label="– p99",
        value=lambda f: _ratio(f, ("embedding", "search"), "p99_ms"),
        target=2.0,
        is_least=False,
        form=".2f",
    ),
    Row(
        step="load",
        label="first text at 20 turns a second, p95, ms",
        value=lambda f: f["20/s"]["0.95"],
        target=50.0,
        is_least=False,
        form=".0f",
    ),
)


def run_step(step: Step, data: Path, folder: Path) -> tuple[Figures | None, str]:
    """Run a command; gives its figures, or why there are none."""
    if step.needs and not (data / step.needs).exists():
        return None, f"{step.needs} is not there"
    result = folder / f"{step.name}.json"
    result.unlink(missing_ok=True)
    words = [word.replace("DATA", str(data)) for word in step.command]
    if step.keeps:
        words += [step.keeps, str(folder / step.name)]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--json", str(result)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not result.exists():
        lines = (done.stderr or done.stdout).strip().splitlines()
        return None, f"failed: {lines[-1] if lines else done.returncode}"
    found: Figures = json.loads(result.read_text(encoding="utf-8"))
    return found, ""


def table_lines(found: Mapping[str, Figures], missing: Mapping[str, str]) -> list[str]:
    """The Markdown table of all figures with their targets."""
    lines = ["| what | measured | target | |", "| --- | --: | --: | --- |"]
    for row in ROWS:
        sign = "≥" if row.is_least else "≤"
        target = f"{sign} {format(row.target, row.form)}"
        if row.step in missing:
            lines.append(f"| {row.label} | – | {target} | {missing[row.step]} |")
        elif row.step in found:
            value = row.value(found[row.step])
            verdict = "holds" if row.holds(value) else "**not reached**"
            lines.append(f"| {row.label} | {format(value, row.form)} | {target} | {verdict} |")
    return lines


def curve_lines(figures: Figures) -> list[str]:
    """The curve of confidence as a Markdown table."""
    lines = [
        "| answered from confidence | F1 of abstention | recall of answers |",
        "| --: | --: | --: |",
    ]
    for point in figures["curve"]:
        lines.append(
            f"| {point['threshold']:.2f} | {point['abstention_f1']:.3f} "
            f"| {point['answer_recall']:.3f} |"
        )
    return lines


def page_of(found: Mapping[str, Figures], missing: Mapping[str, str]) -> str:
    """The report."""
    now = datetime.now(UTC)
    lines = [
        "# Quality",
        "",
        f"Written by `make quality` on {now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} CPUs, Python "
        f"{platform.python_version()}, load {os.getloadavg()[2]:.1f} over the last quarter hour. "
        "Each line is one command's figure; the commands stand in `bench/quality.py`, the data "
        "stays outside the repository.",
        "",
        *table_lines(found, missing),
    ]
    if "routing" in found:
        lines += ["", "## Rejection in routing", ""]
        lines += ["| tier | messages | precision | recall |", "| --- | --: | --: | --: |"]
        for tier, each in found["routing"].items():
            lines.append(
                f"| {tier} | {each['messages']} | {each['reject_precision'] or 0:.3f} "
                f"| {each['reject_recall'] or 0:.3f} |"
            )
    if "retrieval" in found:
        lines += ["", "## Retrieval", ""]
        lines += ["| system | nDCG@10 | recall@10 | MRR |", "| --- | --: | --: | --: |"]
        for name, each in found["retrieval"].items():
            lines.append(
                f"| {name} | {each['ndcg_at_10']:.4f} | {each['recall_at_10']:.4f} "
                f"| {each['mrr']:.4f} |"
            )
    if "answers" in found:
        answers = found["answers"]
        lines += [
            "",
            "## Answers to quiz questions",
            "",
            f"A gold answer is said in {answers['gold_said']:.3f} of the answers, in "
            f"{answers['gold_said_short']:.3f} within 60 words, in "
            f"{answers['gold_said_outright']:.3f} as an answer rather than as the closest that the "
            f"briefings come; it stands in so many words in {answers['gold_there']:.3f} of the "
            f"relevant texts. {answers['words_mean']:.0f} words on average.",
        ]
    if "abstention" in found:
        lines += ["", "## Abstention by threshold", "", *curve_lines(found["abstention"])]
    return "\n".join(lines) + "\n"


def into_readme(text: str, lines: Sequence[str]) -> str:
    """The README with the table between its marks."""
    begin, end = MARKS
    if begin not in text or end not in text:
        raise typer.BadParameter(f"README.md lacks the marks {begin} and {end}")
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    return before + begin + "\n" + "\n".join(lines) + "\n" + end + after


def main(
    data: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of data.")],
    only: Annotated[list[str] | None, typer.Option(help="Only these measures.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep figures and big indexes here, and use them again.")
    ] = None,
    write: Annotated[bool, typer.Option(help="Write the page and the README.")] = True,
) -> None:
    """Measure everything that has a target."""
    data = data.resolve()
    steps = [step for step in STEPS if not only or step.name in only]
    if not steps:
        raise typer.BadParameter(f"--only is one of {', '.join(step.name for step in STEPS)}")
    found: dict[str, Figures] = {}
    missing: dict[str, str] = {}
    with Progress() as progress, tempfile.TemporaryDirectory() as temporary:
        folder = keep.resolve() if keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        task = progress.add_task("Measuring", total=len(steps))
        for step in steps:
            progress.update(task, description=step.name)
            figures, reason = run_step(step, data, folder)
            if figures is None:
                missing[step.name] = reason
            else:
                found[step.name] = figures
            progress.advance(task)
        for step in STEPS:
            kept = folder / f"{step.name}.json"
            if step not in steps and kept.exists():
                found[step.name] = json.loads(kept.read_text(encoding="utf-8"))
    lines = table_lines(found, missing)
    table = Table(*("what", "measured", "target", ""))
    for line in lines[2:]:
        table.add_row(*(cell.strip().replace("**", "") for cell in line.strip("|").split("|")))
    Console(width=130).print(table)
    if write and found.keys() | missing.keys() == {step.name for step in STEPS}:
        PAGE.write_text(page_of(found, missing), encoding="utf-8")
        README.write_text(into_readme(README.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
