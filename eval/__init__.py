"""Evaluation: question sets, runs, metrics, comparison."""
