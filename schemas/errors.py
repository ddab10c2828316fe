"""What every error of ours has, and the ways in which a message can be unacceptable."""

from typing import ClassVar

from schemas.exits import Exit

MAX_DETAIL = 1000
"""Characters: with four bytes each they fit a dead letter's header whole."""


class LoomaError(Exception):
    """What can go wrong and is not a mistake of this program. The text is for people: what is wrong, what to do.

    It is short and repeats no secret. A docstring's first line is the error's line in docs/reference/errors.md.
    """

    code: str = "error"
    """What programs go by: it stays when the text changes. Every class has its own; an instance may be more exact."""
    exit_status: ClassVar[Exit] = Exit.REFUSED
    """Of a command that ends by it."""

    @property
    def message(self) -> str:
        """What a command says."""
        return str(self)


class BadMessageError(LoomaError, ValueError):
    """A message that no retry can make good. `code` is stable; the text names no personal data."""

    code = "bad_message"
    exit_status = Exit.USAGE

    def __init__(self, code: str, detail: str) -> None:
        detail = detail[:MAX_DETAIL]
        super().__init__(detail)
        self.code = code
        self.detail = detail

    @property
    def message(self) -> str:
        """The code and the text: docs/reference/errors.md explains the code."""
        return f"{self.code}: {self}"


def kinds() -> list[type[LoomaError]]:
    """Return every kind of error of the modules that are imported, by code."""

    def below(kind: type[LoomaError]) -> list[type[LoomaError]]:
        return [each for direct in kind.__subclasses__() for each in (direct, *below(direct))]

    return sorted(below(LoomaError), key=lambda kind: kind.code)
