"""`python -m ops.cli` is `looma`."""

from ops.cli.main import main

main()
