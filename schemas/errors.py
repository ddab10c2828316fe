"""The ways in which a message can be unacceptable; each has a stable code for dead letters and metrics."""


class BadMessageError(ValueError):
    """A message that no retry can make good. `code` is stable; the text names no personal data."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
