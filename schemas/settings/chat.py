"""Chat, the language models behind it, and the gateway to them."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from schemas.settings.values import Group, HttpUrl, LongSecret, PlaceOrNone, Seconds


class ChatSettings(Group):
    """How chat messages are answered."""

    debounce_ms: int = Field(
        default=0, ge=0, le=10_000, description="messages of a burst this close are answered once, by the last"
    )
    intents: PlaceOrNone = Field(
        default=None,
        description="classifier of intents, from `looma train intents`, instead of the one that comes along",
    )
    handover_minutes: int = Field(default=60, ge=1, le=10_080, description="how long a person is waited for")
    deadline_ms: int = Field(
        default=8000, ge=100, le=120_000, description="for all that providers do; then the template answers"
    )
    conversation_tokens: int = Field(default=200_000, ge=0, description="providers' tokens a conversation may use")
    day_tokens: int = Field(
        default=10_000_000, ge=0, description="providers' tokens of all conversations, a day in UTC"
    )
    day_cost: float | None = Field(default=None, ge=0, description="what they may cost a day, as prices are written")
    quiet_from: int = Field(default=22, ge=0, le=23, description="hour of the reader's day from which none is sent")
    quiet_to: int = Field(default=8, ge=0, le=23, description="hour from which notices are sent again")
    daily_notices: int = Field(default=5, ge=0, le=1000, description="notices a conversation gets a day, at most")


class ProviderSettings(Group):
    """Language models with an OpenAI-compatible API, in the order in which they are asked; none: templates answer."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", description="what replies call it")
    url: HttpUrl = Field(description="what /chat/completions follows, e.g. http://127.0.0.1:8080/v1")
    model: str = Field(min_length=1, max_length=200, description="which of its models")
    service: Literal["chat", "embed"] = Field(default="chat", description="what it answers: chats, or embeddings")
    aliases: list[str] = Field(
        default=[], max_length=20, description="other names that callers of the gateway may give its model"
    )
    priority: int | None = Field(
        default=None, ge=0, le=100, description="lower is asked first, alike share the load; default: in this order"
    )
    weight: float = Field(default=1.0, gt=0, le=1000, description="its share among those of the same priority")
    in_house: bool = Field(default=False, description="whether personal data may reach it; else it gets placeholders")
    api_key: SecretStr | None = Field(default=None, description="if it asks for one")
    api_key_variable: str | None = Field(
        default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="the environment variable that has the key"
    )
    connect_seconds: Seconds = Field(default=1.0, description="until a connection stands")
    first_token_seconds: Seconds = Field(default=2.0, description="until an answer begins, if it comes in pieces")
    stall_seconds: Seconds = Field(default=2.0, description="between two pieces of an answer")
    answer_tokens: int = Field(default=600, ge=16, le=32_000, description="of one answer, at most")
    context_tokens: int = Field(default=8192, ge=1024, description="of prompt and answer, at most")
    tools: bool = Field(default=True, description="whether the model can call tools")
    stream: bool = Field(default=True, description="whether answers come in pieces")
    price_in: float = Field(default=0, ge=0, description="of a million tokens of prompts")
    price_out: float = Field(default=0, ge=0, description="of a million tokens of answers")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.name == "templates":
            raise ValueError("another name than templates, which are what answers without a provider")
        if self.api_key and self.api_key_variable:
            raise ValueError("give api_key or api_key_variable, not both")
        if self.answer_tokens * 2 > self.context_tokens:
            raise ValueError("answer_tokens may be half of context_tokens at most")
        return self


class GatewaySettings(Group):
    """What callers of AI services may use; each limit is for one caller, exact over all processes of a machine."""

    deadline_seconds: Seconds = Field(default=60.0, description="of one call, whatever is tried")
    stream_seconds: float = Field(default=600.0, gt=0, description="of a streamed answer, at most")
    requests_per_minute: int = Field(default=600, ge=0, description="calls; 0: no limit")
    tokens_per_minute: int = Field(default=1_000_000, ge=0, description="tokens of prompts and answers; 0: no limit")
    day_tokens: int = Field(default=0, ge=0, description="tokens in any day; 0: no limit")
    day_cost: float = Field(default=0.0, ge=0, description="cost in any day, as prices are written; 0: no limit")
    cache_seconds: float = Field(default=300.0, ge=0, description="how long an answer is kept for the same caller")
    cache_answers: int = Field(default=1000, ge=0, description="answers kept by a process; 0: none")
    service_key: LongSecret | None = Field(
        default=None, description="what instances of services and the gateway show each other"
    )
