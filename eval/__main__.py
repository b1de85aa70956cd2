"""Lets `python -m eval` do what `heidi-eval` does."""

from eval.cli import main

main()
