"""Heidi the assistant: answers turns, streams them, remembers them."""
