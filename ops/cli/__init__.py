"""The `looma` command. Each module holds one group of commands."""

from ops.cli.interrupts import interruptible

with interruptible():
    from ops.cli.main import main

__all__ = ["main"]
