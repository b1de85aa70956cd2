"""Tools: what an agent may do, one per file, each with its policy."""
