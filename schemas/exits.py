"""What the exit status of a command says. docs/reference/errors.md has the same table for people."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of every command; a worker has the same."""

    DONE = 0
    """Done."""
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
    """A bug in this program; the output says where the details are."""
    INTERRUPTED = 130
    """Ctrl-C."""
    PIPE = 141
    """The reader of the output has closed it, as `head` does."""
