"""Why a call of an AI service is not answered, as HTTP and OpenAI's API would say it."""

from collections.abc import Mapping

from schemas.errors import LoomaError


class AiError(LoomaError):
    """A call of an AI service that is not answered; the text repeats nothing of it."""

    code = "ai"

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
