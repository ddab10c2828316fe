"""Settings from the environment (`LOOMA_*`), `looma.toml`, or defaults, in this order; validated at start."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ops.data_folder import DATA, SETTINGS_FILE, home
from ops.embedded import credentials

PREFIX = "LOOMA_"
OTHER_VARIABLES = {
    "LOOMA_CACHE_DIR": "where downloads are kept",
    "LOOMA_SYNC_TOKEN": "the bearer token of `looma sync run`",
    "LOOMA_IMAGE_TAG": "of compose/compose.yaml",
    "LOOMA_WORKERS": "of compose/compose.yaml",
    "LOOMA_RESUME_REPLICAS": "of compose/compose.yaml",
    "LOOMA_TEST_QDRANT_URL": "a server for the tests",
}
"""The variables that are no settings; any other that begins with LOOMA_ is refused."""

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


def _mongodb(value: SecretStr) -> SecretStr:
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


Port = Annotated[int, Field(ge=1, le=65535)]
HttpUrl = Annotated[str, AfterValidator(_http)]
# Absolute, so that a command in another working directory, and a process of ours, finds the same one.
Place = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
PlaceOrNone = Annotated[Path | None, AfterValidator(lambda path: path and path.expanduser().absolute())]


class Settings(BaseSettings):
    """Everything that can be set. Units are in the names; every default works with `looma up`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", env_ignore_empty=True)

    data_dir: Place = Field(
        default_factory=lambda: home().folder / DATA, description="where the embedded stack, logs and traces live"
    )
    bootstrap_servers: Annotated[str, AfterValidator(_servers)] = Field(
        default="127.0.0.1:19092", description="Kafka, host:port[,host:port]"
    )
    mongodb_url: Annotated[SecretStr, AfterValidator(_mongodb)] = Field(
        default=SecretStr("mongodb://127.0.0.1:27117"), description="MongoDB"
    )
    mongodb_database: str = Field(default="looma", pattern=r"^[A-Za-z0-9_-]{1,60}$")
    qdrant_url: HttpUrl = Field(default="http://127.0.0.1:16333", description="Qdrant's REST address")
    qdrant_api_key: SecretStr | None = None
    members_dir: PlaceOrNone = Field(
        default=None, description="shared by this machine's workers; default: members in data_dir"
    )
    kafka_port: Port = Field(default=19092, description="port of the embedded Kafka")
    model_path: PlaceOrNone = Field(default=None, description="embedding model; default: the downloaded one")
    embedding_threads: int = Field(default=1, ge=1, le=64, description="texts embedded at a time")

    group_id: str = Field(default="looma", pattern=r"^[A-Za-z0-9._-]{1,100}$", description="consumer group")
    generation: str = Field(
        default="", pattern=r"^([a-z][a-z0-9]{0,15})?$", description="what a worker builds; default: the active one"
    )
    worker_port: Port = Field(default=16066, description="the worker's health endpoints")
    partitions: int = Field(default=8, ge=1, le=1000, description="of newly provisioned topics")
    replication_factor: int = Field(default=1, ge=1, le=9)
    batch_events: int = Field(default=200, ge=1, le=10_000, description="at most so many events a batch")
    batch_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)
    request_timeout_seconds: float = Field(default=10.0, gt=0, le=120)
    retry_max_seconds: float = Field(default=10.0, gt=0, description="the longest pause between two tries")
    drain_seconds: float = Field(default=30.0, gt=0, description="time a stopping worker has to finish")
    stall_seconds: float = Field(
        default=300.0, ge=5, description="a worker that has work and makes no progress for so long is ended"
    )

    sync_policy: PlaceOrNone = Field(default=None, description="survivorship policy; default: the built-in one")
    match_candidates: int = Field(default=30, ge=1, le=1000, description="taken from vector search per match")
    match_results: int = Field(default=10, ge=1, le=1000, description="best matches kept per changed entity")
    match_parts: int = Field(default=24, ge=0, le=48, description="items of a record compared one by one; 0: none")
    match_threshold: float = Field(default=0.6, ge=0, le=1, description="below it, no match")
    match_weights: PlaceOrNone = Field(default=None, description="weights of the features; default: the built-in ones")

    resume_folder: PlaceOrNone = Field(default=None, description="files that resume events may refer to by path")
    resume_urls: list[HttpUrl] = Field(
        default=[],
        max_length=100,
        description="URL prefixes that they may refer to, e.g. https://files.example.com/cv/",
    )
    resume_max_bytes: int = Field(default=20 << 20, ge=1024, description="of one resume's file")
    resume_workers: int = Field(default=2, ge=1, le=64, description="resumes read at a time by one worker")

    otlp_endpoint: HttpUrl | None = Field(default=None, description="OTLP/HTTP, e.g. http://collector:4318")
    trace_files: bool = Field(default=True, description="also write spans to files that `looma trace` reads")
    trace_sample_ratio: float = Field(default=1.0, ge=0, le=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _of_the_embedded_servers(self) -> Self:
        credentials.pick_up(self)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit arguments, then the environment, then the file."""
        return init_settings, env_settings, _File(settings_cls, settings_file())


def settings_file() -> Path:
    """Return where the settings file is, if there is one."""
    return home().folder / SETTINGS_FILE


class _File(TomlConfigSettingsSource):
    """The settings file; relative paths in it are relative to its folder, not to the working directory."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        folder = settings_file().parent
        for name, value in values.items():
            field = self.settings_cls.model_fields.get(name)
            if isinstance(value, str) and field and field.annotation in (Path, Path | None):
                values[name] = folder / Path(value).expanduser()
        return values
