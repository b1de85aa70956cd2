"""Alembic migrations of every table: the assistant's and the briefings'."""
