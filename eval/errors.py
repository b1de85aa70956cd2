"""The tree of the evaluation's errors.

EvalError
├── QuestionsInvalid     a question file can't be used; names file, line and field
├── RunInvalid           the file of an earlier run can't be used
├── DataInvalid          a public collection (BEIR layout, routing file) can't be used
└── TargetUnavailable    there is no Heidi to talk to

A question that fails, or a turn that breaks, is no error: it is data of the run.
"""

from __future__ import annotations

from pathlib import Path


class EvalError(Exception):
    """Root of the evaluation's errors; its message is one line for the person at the terminal."""


class _FileInvalid(EvalError):
    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        place = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class QuestionsInvalid(_FileInvalid):
    """A question file can't be used.

    Args:
        path: the file.
        reason: the field and what is wrong with it.
        line: where, counted from 1.
    """


class RunInvalid(_FileInvalid):
    """The file of an earlier run can't be used."""


class DataInvalid(_FileInvalid):
    """A public collection can't be used."""


class TargetUnavailable(EvalError):
    """There is no Heidi to talk to."""
