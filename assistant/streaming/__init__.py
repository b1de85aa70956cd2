"""Streaming: tailing the event log and waking its readers."""
