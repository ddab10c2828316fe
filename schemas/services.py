"""The AI services: what they are called with, what a call has used, and where an instance of one can be reached."""

from typing import Annotated, Any, Literal, get_args

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from schemas.base import LongText, Model
from schemas.settings import HttpUrl

Service = Literal["resume", "skills", "match", "search", "embed", "chat", "advice", "models"]
SERVICES: tuple[Service, ...] = get_args(Service)
USED = "looma.ai.used"
HERE = "looma.service.here"

MAX_MESSAGES = 256
MAX_TEXTS = 128
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
CallId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Json = dict[str, Any]


class TextPart(Model):
    """A part of a message. Images and sounds are refused: personal data in them could not be hidden."""

    type: Literal["text"]
    text: LongText


class FunctionCall(Model):
    """The function that a tool call names, and its arguments as the model wrote them."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    arguments: LongText = ""


class CalledTool(Model):
    """A tool call of an earlier answer."""

    id: CallId
    type: Literal["function"] = "function"
    function: FunctionCall


class PromptedMessage(Model):
    """One message of a prompt, as OpenAI's API has it."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: LongText | list[TextPart] | None = None
    name: Annotated[str, StringConstraints(max_length=64)] | None = None
    tool_calls: Annotated[list[CalledTool], Field(max_length=16)] | None = None
    tool_call_id: CallId | None = None


class OfferedFunction(Model):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: LongText | None = None
    parameters: Json | None = None
    strict: bool | None = None


class OfferedTool(Model):
    """A tool that the model may call."""

    type: Literal["function"]
    function: OfferedFunction


class StreamOptions(Model):
    """Whether a stream ends with what was used."""

    include_usage: bool = False


class ChatRequest(Model):
    """A chat completion. What is not here is refused, addresses and keys above all: providers come from settings."""

    model: ModelName = Field(default="looma", description="a model of /openai/v1/models; `looma`: any")
    messages: Annotated[list[PromptedMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    max_tokens: Annotated[int, Field(ge=1, le=32_000)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=32_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    stop: Annotated[str, StringConstraints(max_length=200)] | Annotated[list[str], Field(max_length=4)] | None = None
    seed: int | None = None
    n: Literal[1] = 1
    response_format: Json | None = None
    tools: Annotated[list[OfferedTool], Field(max_length=64)] | None = None
    tool_choice: Literal["none", "auto", "required"] | Json | None = None
    parallel_tool_calls: bool | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    user: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="accepted for compatibility; it is not passed on"
    )


class EmbeddingsRequest(Model):
    """Texts to be embedded."""

    model: ModelName = Field(default="looma", description="a model of /openai/v1/models; `looma`: any")
    input: (
        Annotated[LongText, StringConstraints(min_length=1)]
        | Annotated[
            list[Annotated[LongText, StringConstraints(min_length=1)]], Field(min_length=1, max_length=MAX_TEXTS)
        ]
    )
    encoding_format: Literal["float"] = "float"
    user: Annotated[str, StringConstraints(max_length=200)] | None = None

    @property
    def texts(self) -> list[str]:
        """The texts in their order."""
        return [self.input] if isinstance(self.input, str) else self.input


Outcome = Literal["answered", "cached", "failed", "broken", "left"]
"""What became of a call: `broken` off in the middle, or the caller has `left`."""


class AiUsed(Model):
    """What one call has used, however it ended; no text of it. Refused calls use nothing and are not told."""

    call: str
    caller: str = Field(description="the key that asked, or `local`; never a person")
    service: Service
    model: str = Field(description="as it was asked for")
    provider: str | None = Field(description="who answered")
    outcome: Outcome
    prompt_tokens: Annotated[int, Field(ge=0)]
    completion_tokens: Annotated[int, Field(ge=0)]
    cost: Annotated[float, Field(ge=0)] = Field(description="in the unit of the providers' prices")
    milliseconds: Annotated[float, Field(ge=0)]
    at: AwareDatetime


class Instance(Model):
    """A process that offers a service: said every two seconds, and gone when nothing was heard for three times that."""

    instance: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
    service: Service
    url: HttpUrl
    at: AwareDatetime

    @model_validator(mode="after")
    def _bare(self) -> "Instance":
        if "@" in self.url or "?" in self.url or "#" in self.url:
            raise ValueError("an address without user, query or fragment")
        return self
