"""What the exit status of a command says. docs/operations.md has the same table for people."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of every command; a worker has the same."""

    DONE = 0
    REFUSED = 1
    """Something was refused, or found that should not be; the output says what."""
    USAGE = 2
    """The command or a setting is wrong; nothing was done."""
    AWAY = 3
    """A server does not answer, or refuses us."""
    FILES = 4
    """A file or folder cannot be read or written: rights, a full disk, a name that leads nowhere."""
    PORT = 5
    """A port is taken by another process."""
    INTERNAL = 70
    """An error of this program; where its details are is said."""
    INTERRUPTED = 130
    PIPE = 141
    """Who read the output has gone, as `head` does."""
