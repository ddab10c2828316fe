"""Who is told: of results by webhooks, of alerts by receivers."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from schemas.settings.values import (
    MAIL,
    Group,
    HttpUrl,
    PlaceOrNone,
    Port,
    Seconds,
    address,
    both_or_none,
    is_reference,
)


class WebhookSettings(Group):
    """Who is told of results by HTTP requests, by `looma webhooks`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="names its consumer group: keep it")
    url: HttpUrl = Field(description="where requests go; redirects are not followed")
    secret: SecretStr = Field(description="signs requests: `whsec_` and base64 of 24 to 64 bytes")
    topic: Literal["match-results", "sync-conflicts"] = Field(default="match-results", description="what is told")
    personal: bool = Field(default=False, description="whether reasons may name persons and contacts")
    begin: Literal["next", "first"] = Field(default="next", description="where a new receiver begins in the topic")
    timeout_seconds: Seconds = Field(default=10.0, description="of one request")


class AlertSettings(Group):
    """What `looma watch` looks at; where there is Prometheus, that does it."""

    rules: PlaceOrNone = Field(default=None, description="alert rules as Prometheus writes them; default: its own")
    targets: list[HttpUrl] = Field(
        default=["http://127.0.0.1:16066/metrics"], max_length=200, description="the pages of all workers"
    )
    policy: PlaceOrNone = Field(
        default=None, description="groups, inhibitions and repetitions as Alertmanager writes them; default: its own"
    )
    interval_seconds: Seconds = Field(default=5.0, description="between two looks")
    prometheus: HttpUrl | None = Field(
        default=None,
        description="whose alerts the console shows, e.g. http://127.0.0.1:9090; default: it evaluates the rules",
    )
    alertmanager: HttpUrl | None = Field(
        default=None,
        description="through which `looma alerts test` sends, and where silences are kept, e.g. http://127.0.0.1:9093",
    )
    ca_file: PlaceOrNone = Field(
        default=None, description="PEM of the CA of Prometheus and Alertmanager; default: the system's"
    )
    host: Annotated[str, AfterValidator(address)] = Field(
        default="127.0.0.1", description="address at which `looma alerts relay` listens to Alertmanager"
    )
    port: Port = Field(default=16094, description="its port")
    certificate_file: PlaceOrNone = Field(default=None, description="PEM of its certificate; default: no TLS")
    key_file: PlaceOrNone = Field(default=None, description="PEM of its key")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        both_or_none(self.certificate_file, self.key_file)
        return self


def _receiver(value: SecretStr) -> SecretStr:
    if is_reference(value):
        return value
    try:
        parts = urlsplit(value.get_secret_value())
        right = parts.scheme in ("http", "https", "smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise ValueError("write https://… for a webhook or robot, smtp[s]://[user:password@]host[:port] for e-mail")
    return value


class ReceiverSettings(Group):
    """Who hears of alerts, from `looma watch` or, through Alertmanager, from `looma alerts relay`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="what logs call it")
    kind: Literal["webhook", "slack", "dingtalk", "feishu", "wecom", "email"] = Field(
        description="how it wants to hear of them; webhook: as Alertmanager's"
    )
    url: Annotated[SecretStr, AfterValidator(_receiver)] = Field(description="of the robot, webhook or mail server")
    secret: SecretStr | None = Field(default=None, description="signs, if a robot of DingTalk or Feishu asks for it")
    sender: str = Field(default="looma@localhost", max_length=254, pattern=MAIL, description="of e-mails")
    to: list[Annotated[str, Field(max_length=254, pattern=MAIL)]] = Field(
        default=[], max_length=50, description="who gets the e-mails"
    )
    least: Literal["warning", "critical"] = Field(default="warning", description="the least severe that it hears of")
    timeout_seconds: Seconds = Field(default=10.0, description="of one notice")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if is_reference(self.url):
            return self
        is_mail = urlsplit(self.url.get_secret_value()).scheme.startswith("smtp")
        if is_mail != (self.kind == "email"):
            raise ValueError("email goes with smtp:// or smtps://, all others with https://")
        if is_mail and not self.to:
            raise ValueError("email needs to")
        return self
