"""`python -m assistant` is `heidi`."""

from assistant.cli import main

main()
