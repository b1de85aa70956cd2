"""Backends: the systems that tools talk to."""
