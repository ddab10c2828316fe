"""The errors that a caller of the REST API gets."""


class ApiError(Exception):
    """An answer that is an error, with its HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def malformed(text: str) -> ApiError:
    """Return the error for a request that we do not understand or do not serve."""
    return ApiError(400, f"Wrong input: {text}")
