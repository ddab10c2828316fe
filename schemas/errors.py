"""The ways in which a message can be unacceptable; each has a stable code for dead letters and metrics."""

MAX_DETAIL = 1000
"""Characters: with four bytes each they fit a dead letter's header whole."""


class BadMessageError(ValueError):
    """A message that no retry can make good. `code` is stable; the text names no personal data."""

    def __init__(self, code: str, detail: str) -> None:
        detail = detail[:MAX_DETAIL]
        super().__init__(detail)
        self.code = code
        self.detail = detail
