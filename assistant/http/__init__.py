"""The HTTP edge: chat, identity, errors, health."""
