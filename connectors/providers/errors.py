"""How a provider fails. No text repeats what it was asked or what it answered: that may be about people."""


class ProviderError(Exception):
    """A provider gave no answer. `again`: whether the same request may do better, and not before `after_seconds`."""

    def __init__(self, text: str, *, again: bool = True, after_seconds: float = 0.0) -> None:
        super().__init__(text)
        self.again = again
        self.after_seconds = after_seconds
