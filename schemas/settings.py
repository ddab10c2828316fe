"""Everything that can be set, in groups. Units are in the names; every default works with `looma up`.

These are values only: `ops/runtime/settings.py` says where they come from (arguments, the environment, `looma.toml`).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.fields import FieldInfo

from schemas.levels import LogLevel

_SERVER = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:/@\[\],]+)(?::(?P<port>\d+))?")


def _servers(value: str) -> str:
    """Refuse what is no list of servers. No value is repeated: it may hold a password."""
    for server in value.split(","):
        found = _SERVER.fullmatch(server.strip())
        if not found or not 1 <= int(found["port"] or 1) <= 65535:
            raise ValueError("write host:port[,host:port], without a scheme or a user")
    return ",".join(server.strip() for server in value.split(","))


def _http(value: str) -> str:
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or re.search(r"\s", value):
        raise ValueError("write http://host:port or https://host:port")
    return value


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("write an IP address, e.g. 127.0.0.1 or 0.0.0.0") from None


REFERENCES = ("file:", "env:", "command:", "age:")
"""How a secret begins that only says where it is; ops/runtime/secret_references.py puts it there before it is used."""


def _is_reference(secret: SecretStr) -> bool:
    return secret.get_secret_value().startswith(REFERENCES)


def _mongodb(value: SecretStr) -> SecretStr:
    if _is_reference(value):
        return value
    url = value.get_secret_value()
    scheme, separator, rest = url.partition("://")
    hosts = re.split(r"[/?]", rest)[0].rpartition("@")[2]
    if scheme not in ("mongodb", "mongodb+srv") or not separator or not hosts or re.search(r"\s", url):
        raise ValueError("write mongodb://[user:password@]host:port[,host:port][/?options]")
    try:
        _servers(hosts)
    except ValueError:
        raise ValueError("a host or port of it is wrong; in a password, write / : @ ? as %2F %3A %40 %3F") from None
    return value


_MAIL = r"^[^\s@,;:<>]+@[^\s@,;:<>]+$"
Port = Annotated[int, Field(ge=1, le=65535)]
Days = Annotated[float, Field(ge=0, le=36_500)]
Seconds = Annotated[float, Field(gt=0, le=120)]
HttpUrl = Annotated[str, AfterValidator(_http)]
# Absolute, so that a command in another working directory, and a worker that it starts, finds the same one.
Place = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
PlaceOrNone = Annotated[Path | None, AfterValidator(lambda path: path and path.expanduser().absolute())]


class Group(BaseModel):
    """Settings of one thing."""

    model_config = ConfigDict(extra="forbid")


SealedTopic = Literal["dead-letters", "chat-replies", "chat-deltas", "resume-parsed", "sync-conflicts", "sync-reports"]
"""Topics with personal data that no stage of the pipeline reads."""


class KafkaSettings(Group):
    """How every Kafka client connects, and how topics are made."""

    bootstrap_servers: Annotated[str, AfterValidator(_servers)] = Field(
        default="127.0.0.1:19092", description="brokers, as host:port[,host:port]"
    )
    group_id: str = Field(default="looma", pattern=r"^[A-Za-z0-9._-]{1,100}$", description="consumer group")
    timeout_seconds: Seconds = Field(default=10.0, description="of one request")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="SSL encrypts; SASL authenticates"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = Field(
        default=None, description="how SASL authenticates"
    )
    sasl_username: str | None = Field(default=None, description="for PLAIN and SCRAM")
    sasl_password: SecretStr | None = Field(default=None, description="for PLAIN and SCRAM")
    token_command: list[str] = Field(
        default=[],
        max_length=100,
        description='prints a token for OAUTHBEARER, e.g. ["get-token", "--audience", "kafka"]',
    )
    ca_file: PlaceOrNone = Field(default=None, description="PEM of the brokers' CA; default: the system's")
    certificate_file: PlaceOrNone = Field(default=None, description="PEM of this client's certificate")
    key_file: PlaceOrNone = Field(default=None, description="PEM of its key, if that is a separate file")
    key_password: SecretStr | None = Field(default=None, description="of an encrypted key")
    check_hostname: bool = Field(default=True, description="whether a broker's certificate must name its host")
    encryption_keys: list[SecretStr] = Field(
        default=[],
        max_length=10,
        description="base64 of 32 random bytes each: values of sealed_topics are encrypted by the first, read by all",
    )
    sealed_topics: list[SealedTopic] = Field(
        default=["dead-letters"], max_length=20, description="which topics are encrypted, if there are keys"
    )
    partitions: int = Field(default=8, ge=1, le=1000, description="of newly provisioned topics")
    replication_factor: int = Field(default=1, ge=1, le=9, description="of newly provisioned topics")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse half a login: it would only be noticed by a broker, without a reason."""
        sasl, tls = "SASL" in self.security_protocol, "SSL" in self.security_protocol
        if sasl and self.sasl_mechanism is None:
            raise ValueError(f"{self.security_protocol} needs sasl_mechanism")
        if self.sasl_mechanism and not sasl:
            raise ValueError(f"sasl_mechanism needs security_protocol SASL_SSL, not {self.security_protocol}")
        if self.sasl_mechanism == "OAUTHBEARER" and not self.token_command:
            raise ValueError("OAUTHBEARER needs token_command")
        if self.sasl_mechanism not in (None, "OAUTHBEARER") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"{self.sasl_mechanism} needs sasl_username and sasl_password")
        if not tls and (self.ca_file or self.certificate_file):
            raise ValueError("ca_file and certificate_file need security_protocol SSL or SASL_SSL")
        if self.key_file and not self.certificate_file:
            raise ValueError("key_file needs certificate_file")
        return self


class MongoDBSettings(Group):
    """Where records live."""

    url: Annotated[SecretStr, AfterValidator(_mongodb)] = Field(
        default=SecretStr("mongodb://127.0.0.1:27117"),
        description="mongodb://[user:password@]host:port[,host:port][/?options]",
    )
    database: str = Field(default="looma", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="its name")
    timeout_seconds: Seconds = Field(default=10.0, description="of one operation")
    slow_seconds: Seconds = Field(default=0.5, description="commands that take longer are logged, without values")
    encryption_key: SecretStr | None = Field(
        default=None, description="base64 of 96 random bytes: personal data of talents is encrypted, a key each"
    )


class QdrantSettings(Group):
    """Where vectors live."""

    url: HttpUrl = Field(default="http://127.0.0.1:16333", description="its REST address")
    api_key: SecretStr | None = Field(default=None, description="if the server asks for one")
    ca_file: PlaceOrNone = Field(default=None, description="PEM of the server's CA; default: the system's")
    timeout_seconds: Seconds = Field(default=10.0, description="of one request")


class WorkerSettings(Group):
    """How a worker works."""

    host: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1", description="address of its health endpoints; 0.0.0.0: every one of this machine"
    )
    port: Port = Field(default=16066, description="its health endpoints")
    generation: str = Field(
        default="", pattern=r"^([a-z][a-z0-9]{0,15})?$", description="what it builds; default: the active one"
    )
    members_dir: PlaceOrNone = Field(
        default=None, description="shared by this machine's workers; default: members in data_dir"
    )
    batch_events: int = Field(default=200, ge=1, le=10_000, description="at most so many events a batch")
    batch_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, description="at most so many bytes a batch")
    retry_max_seconds: float = Field(default=10.0, gt=0, description="the longest pause between two retries")
    drain_seconds: float = Field(default=30.0, gt=0, description="how long a stopping worker may take to finish")
    stall_seconds: float = Field(
        default=300.0, ge=5, description="a worker that has work and makes no progress for so long ends itself"
    )


class SyncSettings(Group):
    """How records of several sources become one."""

    policy: PlaceOrNone = Field(default=None, description="survivorship policy; default: the built-in one")


class MatchingSettings(Group):
    """What is matched with what."""

    candidates: int = Field(default=30, ge=1, le=1000, description="taken from vector search per match")
    results: int = Field(default=10, ge=1, le=1000, description="best matches kept per changed entity")
    parts: int = Field(default=24, ge=0, le=48, description="items of a record compared one by one; 0: none")
    threshold: float = Field(default=0.6, ge=0, le=1, description="below it, no match")
    weights: PlaceOrNone = Field(default=None, description="weights of the features; default: the built-in ones")


class ResumeSettings(Group):
    """Where resumes come from, and how much of them is read."""

    folder: PlaceOrNone = Field(default=None, description="files that resume events may refer to by path")
    urls: list[HttpUrl] = Field(
        default=[],
        max_length=100,
        description="URL prefixes that they may refer to, e.g. https://files.example.com/cv/",
    )
    max_bytes: int = Field(default=20 << 20, ge=1024, description="of one resume's file")
    workers: int = Field(default=2, ge=1, le=64, description="resumes read at a time by one worker")


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
        default=None, description="through which `looma alerts test` sends, e.g. http://127.0.0.1:9093"
    )
    ca_file: PlaceOrNone = Field(default=None, description="PEM of the CA of both; default: the system's")
    host: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1", description="address at which `looma alerts relay` listens to Alertmanager"
    )
    port: Port = Field(default=16094, description="its port")
    certificate_file: PlaceOrNone = Field(default=None, description="PEM of its certificate; default: no TLS")
    key_file: PlaceOrNone = Field(default=None, description="PEM of its key")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.certificate_file) != bool(self.key_file):
            raise ValueError("certificate_file and key_file go together")
        return self


def _receiver(value: SecretStr) -> SecretStr:
    if _is_reference(value):
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
    sender: str = Field(default="looma@localhost", max_length=254, pattern=_MAIL, description="of e-mails")
    to: list[Annotated[str, Field(max_length=254, pattern=_MAIL)]] = Field(
        default=[], max_length=50, description="who gets the e-mails"
    )
    least: Literal["warning", "critical"] = Field(default="warning", description="the least severe that it hears of")
    timeout_seconds: Seconds = Field(default=10.0, description="of one notice")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if _is_reference(self.url):
            return self
        is_mail = urlsplit(self.url.get_secret_value()).scheme.startswith("smtp")
        if is_mail != (self.kind == "email"):
            raise ValueError("email goes with smtp:// or smtps://, all others with https://")
        if is_mail and not self.to:
            raise ValueError("email needs to")
        return self


_Named = TypeVar("_Named", ProviderSettings, WebhookSettings, ReceiverSettings)


def _differ(named: list[_Named]) -> list[_Named]:
    if len({each.name for each in named}) < len(named):
        raise ValueError("two have the same name")
    return named


Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


class OidcSettings(Group):
    """Whose access tokens the HTTP API takes beside keys; without an issuer, nobody's."""

    issuer: HttpUrl | None = Field(default=None, description="the OpenID provider, as its tokens name it in `iss`")
    audience: str = Field(default="looma", min_length=1, max_length=200, description="this API, as `aud` names it")
    jwks_url: HttpUrl | None = Field(default=None, description="where its keys are; default: as the issuer tells")
    algorithms: list[Algorithm] = Field(
        default=["RS256", "ES256", "EdDSA"], min_length=1, max_length=11, description="by which tokens may be signed"
    )
    leeway_seconds: int = Field(default=30, ge=0, le=300, description="by which clocks may differ")
    timeout_seconds: Seconds = Field(default=5.0, description="of fetching its keys")
    scope_claim: str = Field(default="scope", min_length=1, description="the claim that names scopes")
    source_claim: str = Field(default="sources", min_length=1, description="that names sources for events:write")
    candidate_claim: str = Field(default="talent_id", min_length=1, description="that says which talent the caller is")
    recruiter_claim: str = Field(default="recruiter_id", min_length=1, description="that says which recruiter")
    requests_per_minute: int = Field(default=600, ge=1, le=1_000_000, description="of each subject")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="of language models, of each subject")


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
    service_key: SecretStr | None = Field(
        default=None, min_length=32, description="what instances of services and the gateway show each other"
    )


class ApiSettings(Group):
    """How `looma api` serves. Limits are those of one process."""

    host: str = Field(
        default="127.0.0.1", min_length=1, max_length=253, description="address; another than this machine's needs keys"
    )
    port: int = Field(default=16080, ge=0, le=65535, description="its port; 0: any that is free")
    processes: int = Field(default=1, ge=1, le=64, description="processes that share the port")
    keys: bool = Field(default=False, description="whether every request needs a key or a token")
    certificate_file: PlaceOrNone = Field(default=None, description="PEM of the server's certificate")
    key_file: PlaceOrNone = Field(default=None, description="PEM of its key")
    behind_proxy: bool = Field(default=False, description="whether a proxy in front of it speaks TLS instead")
    secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="signs operations and cursors, the same on every host; default: one kept in data_dir",
    )
    body_bytes: int = Field(default=4 << 20, ge=1024, description="of a request's body, unpacked too")
    batch_events: int = Field(default=1000, ge=1, le=10_000, description="events in one request, at most")
    timeout_seconds: Seconds = Field(default=20.0, description="until an answer begins")
    publish_seconds: Seconds = Field(default=10.0, description="until Kafka acknowledges a write")
    drain_seconds: float = Field(default=15.0, gt=0, description="how long requests may take once it is to stop")
    reads: int = Field(default=64, ge=1, description="reads answered at a time")
    searches: int = Field(default=8, ge=1, description="searches answered at a time")
    writes: int = Field(default=128, ge=1, description="writes answered at a time")
    ai_requests: int = Field(default=32, ge=1, description="AI requests answered at a time")
    streams: int = Field(default=500, ge=1, description="streams open at a time")
    queue: int = Field(default=256, ge=0, description="requests of a class that wait for their turn, at most")
    queue_ms: int = Field(default=500, ge=1, le=60_000, description="how long each may wait")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.certificate_file) != bool(self.key_file):
            raise ValueError("certificate_file and key_file go together")
        return self


class ModelSettings(Group):
    """What turns texts into vectors."""

    embedding_path: PlaceOrNone = Field(default=None, description="embedding model; default: the downloaded one")
    embedding_threads: int = Field(default=1, ge=1, le=64, description="texts embedded at a time")


class TelemetrySettings(Group):
    """Traces, metrics and logs."""

    otlp_endpoint: HttpUrl | None = Field(default=None, description="OTLP/HTTP, e.g. http://collector:4318")
    trace_files: bool = Field(default=True, description="whether to write spans to files, for `looma trace`")
    trace_sample_ratio: float = Field(default=1.0, ge=0, le=1, description="share of traces that are recorded")
    log_level: LogLevel = Field(default="INFO", description="the least that a worker logs")
    log_format: Literal["text", "json"] = Field(
        default="text", description="lines on stderr: for people, or JSON as in the log files"
    )


class RetentionSettings(Group):
    """How many days things are kept, 0: for ever; see `looma topics apply --retention` and `looma indexes apply`."""

    events_days: Days = Field(default=90, description="events, resumes and feedback; older ones count as late")
    requests_days: Days = Field(default=7, description="requests for matches")
    results_days: Days = Field(default=30, description="results, conflicts and profiles of resumes, for subscribers")
    chat_days: Days = Field(default=30, description="the topics of chat messages and replies")
    dead_letters_days: Days = Field(default=90, description="dead letters; what was settled of them a week longer")
    reports_days: Days = Field(default=90, description="reports of bulk syncs, and what calls of AI services used")
    audit_days: Days = Field(default=400, description="who did what")
    conversations_days: Days = Field(default=0, description="conversations in MongoDB, from their last turn")
    tasks_days: Days = Field(default=30, description="tasks of operations in MongoDB")
    starts_days: Days = Field(default=90, description="starts of workers in MongoDB")

    @property
    def events(self) -> timedelta:
        """How old an event may be, when it comes, before it counts as late."""
        return timedelta(days=self.events_days) if self.events_days else timedelta.max


RetentionKind = Literal["events", "requests", "results", "chat", "dead_letters", "reports", "audit"]
"""Kinds of topics that have a retention of their own: `retention.<kind>_days`."""
DEFAULT_RETENTION = RetentionSettings()
EVENTS_KEPT = DEFAULT_RETENTION.events


class LocalSettings(Group):
    """The stack that `looma up` starts."""

    kafka_port: Port = Field(default=19092, description="port of the embedded Kafka")


class Settings(BaseModel):
    """All groups, and the folder that everything on this machine lives in."""

    model_config = ConfigDict(extra="forbid")

    data_dir: Place = Field(default=Path(".looma"), description="where the embedded stack, logs and traces live")
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    mongodb: MongoDBSettings = Field(default_factory=MongoDBSettings)
    qdrant: QdrantSettings = Field(default_factory=QdrantSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    matching: MatchingSettings = Field(default_factory=MatchingSettings)
    resumes: ResumeSettings = Field(default_factory=ResumeSettings)
    chat: ChatSettings = Field(default_factory=ChatSettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)
    api: ApiSettings = Field(default_factory=ApiSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    local: LocalSettings = Field(default_factory=LocalSettings)
    receivers: Annotated[list[ReceiverSettings], AfterValidator(_differ)] = Field(
        default=[], max_length=20, description="who hears of alerts, each a table `[[receivers]]`"
    )
    webhooks: Annotated[list[WebhookSettings], AfterValidator(_differ)] = Field(
        default=[], max_length=20, description="who is told of results by HTTP requests, each a table `[[webhooks]]`"
    )
    providers: Annotated[list[ProviderSettings], AfterValidator(_differ)] = Field(
        default=[], max_length=20, description="language models that word chat's answers, each a table `[[providers]]`"
    )

    @property
    def configuration(self) -> str:
        """A name of these values: the same wherever they are, but for secrets and for what tells workers of one machine
        apart.
        """
        shown = self.model_dump(mode="json", exclude={"data_dir": True, "worker": {"port", "members_dir"}})
        return hashlib.blake2b(json.dumps(shown, sort_keys=True).encode(), digest_size=6).hexdigest()

    def changed(self, **values: object) -> Self:
        """Return a copy with other values, each named by its path with `__` for the dot: `worker__port=16067`."""
        copy = self.model_copy(deep=True)
        for path, value in values.items():
            *groups, name = path.split("__")
            owner: BaseModel = copy
            for group in groups:
                owner = getattr(owner, group)
            if name not in type(owner).model_fields:
                raise AttributeError(path)
            setattr(owner, name, value)
        return copy


@cache
def fields() -> Mapping[str, FieldInfo]:
    """Return every setting by its name: `data_dir`, `kafka.bootstrap_servers`, …"""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            found |= {f"{name}.{inner}": each for inner, each in field.annotation.model_fields.items()}
        else:
            found[name] = field
    return found


def tables(field: FieldInfo) -> type[Group] | None:
    """Return what each item of a setting is that is a list of tables; None for any other."""
    (item,) = get_args(field.annotation) if get_origin(field.annotation) is list else (None,)
    return item if isinstance(item, type) and issubclass(item, Group) else None
