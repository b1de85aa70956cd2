"""Agents: who answers a turn."""
