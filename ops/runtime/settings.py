"""Settings from the environment (`LOOMA_*`), `looma.toml`, or defaults, in this order; validated at start.

A setting is named by its group: `LOOMA_KAFKA__GROUP_ID` in the environment, `group_id` under `[kafka]` in the file. The
names from before there were groups are read too; `old_names_in_use` says what to write instead.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self, get_origin

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.sources import EnvSettingsSource

from ops.runtime import credentials
from ops.runtime.data_folder import DATA, SETTINGS_FILE, home
from ops.runtime.secret_references import IDENTITY_VARIABLE, resolve
from schemas.settings import FileSecret, Place, Settings, fields

PREFIX = "LOOMA_"
OTHER_VARIABLES = {
    "LOOMA_CACHE_DIR": "where downloads are kept",
    IDENTITY_VARIABLE: "the age identity that opens sealed secrets; default: looma.identity beside looma.toml",
    "LOOMA_BENCH_MONGODB_URL": "the MongoDB that `looma bench` measures; default: the embedded one",
    "LOOMA_SYNC_TOKEN": "the bearer token of `looma sync run`",
    "LOOMA_IMAGE_TAG": "of compose/compose.yaml",
    "LOOMA_WORKERS": "of compose/compose.yaml",
    "LOOMA_RESUME_REPLICAS": "of compose/compose.yaml",
    "LOOMA_CHAT_REPLICAS": "of compose/compose.yaml",
    "LOOMA_TEST_QDRANT_URL": "a server for the tests",
}
"""The variables that are no settings; any other that begins with LOOMA_ is refused."""

OLD_NAMES: Mapping[str, tuple[str, ...]] = {
    "bootstrap_servers": ("kafka.bootstrap_servers",),
    "group_id": ("kafka.group_id",),
    "partitions": ("kafka.partitions",),
    "replication_factor": ("kafka.replication_factor",),
    "request_timeout_seconds": ("kafka.timeout_seconds", "mongodb.timeout_seconds", "qdrant.timeout_seconds"),
    "mongodb_url": ("mongodb.url",),
    "mongodb_database": ("mongodb.database",),
    "qdrant_url": ("qdrant.url",),
    "qdrant_api_key": ("qdrant.api_key",),
    "worker_port": ("worker.port",),
    "generation": ("worker.generation",),
    "members_dir": ("worker.members_dir",),
    "batch_events": ("worker.batch_events",),
    "batch_bytes": ("worker.batch_bytes",),
    "retry_max_seconds": ("worker.retry_max_seconds",),
    "drain_seconds": ("worker.drain_seconds",),
    "stall_seconds": ("worker.stall_seconds",),
    "sync_policy": ("sync.policy",),
    "match_candidates": ("matching.candidates",),
    "match_results": ("matching.results",),
    "match_parts": ("matching.parts",),
    "match_threshold": ("matching.threshold",),
    "match_weights": ("matching.weights",),
    "resume_folder": ("resumes.folder",),
    "resume_urls": ("resumes.urls",),
    "resume_max_bytes": ("resumes.max_bytes",),
    "resume_workers": ("resumes.workers",),
    "model_path": ("models.embedding_path",),
    "embedding_threads": ("models.embedding_threads",),
    "otlp_endpoint": ("telemetry.otlp_endpoint",),
    "trace_files": ("telemetry.trace_files",),
    "trace_sample_ratio": ("telemetry.trace_sample_ratio",),
    "log_level": ("telemetry.log_level",),
    "kafka_port": ("local.kafka_port",),
}
"""The settings' names before they had groups, and what each is now."""


class ReadSettings(Settings, BaseSettings):
    """Settings as this machine has them: constructing one reads the environment and the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", env_ignore_empty=True
    )

    data_dir: Place = Field(
        default_factory=lambda: home().folder / DATA, description=Settings.model_fields["data_dir"].description
    )

    @model_validator(mode="before")
    @classmethod
    def _without_references(cls, values: dict[str, Any]) -> dict[str, Any]:
        return resolve(values)

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
        return init_settings, env_settings, _OldVariables(settings_cls), _File(settings_cls, settings_file())


def variable(name: str) -> str:
    """Return the environment variable of a setting, `kafka.group_id` or `data_dir`."""
    return f"{PREFIX}{name.upper().replace('.', '__')}"


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give a process these settings."""
    values = settings.model_dump(exclude_defaults=True)
    own: dict[str, object] = {"data_dir": settings.data_dir}
    for name, value in values.items():
        own |= {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {name: value}
    return {variable(name): _written(value) for name, value in own.items()}


def _written(value: object) -> str:
    if isinstance(value, FileSecret):
        return f"file:{value.file}"
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value, default=_written) if isinstance(value, list) else str(value)


def is_list(name: str) -> bool:
    """Whether a setting has several values: it is written as JSON in the environment."""
    return get_origin(fields()[name].annotation) is list


def settings_file() -> Path:
    """Return where the settings file is, if there is one."""
    return home().folder / SETTINGS_FILE


def values_in_file() -> dict[str, Any]:
    """Return the settings file's content as it stands there; raises OSError and tomllib's errors."""
    file = settings_file()
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def old_names_in_use() -> Iterator[str]:
    """Yield, for each setting that has its old name, what to write instead."""
    given = {name.upper() for name, value in os.environ.items() if value}
    for old, new in OLD_NAMES.items():
        if variable(old) in given:
            yield f"{variable(old)} is {' and '.join(map(variable, new))} now"
    for old in values_in_file():
        if old in OLD_NAMES:
            places = (name.partition(".") for name in OLD_NAMES[old])
            yield f"{settings_file()}: {old} is {' and '.join(f'{n} under [{group}]' for group, _, n in places)} now"


class _OldVariables(EnvSettingsSource):
    """The environment by the names from before there were groups."""

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        given = {name.upper(): value for name, value in os.environ.items()}
        for old, new in OLD_NAMES.items():
            if value := given.get(variable(old)):
                for name in new:
                    _put(found, name, json.loads(value) if is_list(name) else value)
        return found


class _File(TomlConfigSettingsSource):
    """The settings file; relative paths in it are relative to its folder, not to the working directory."""

    def __call__(self) -> dict[str, Any]:
        return as_read(super().__call__(), settings_file().parent)


def as_read(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what a settings file in a folder says: by today's names, its paths relative to the folder."""
    for old in [name for name in values if name in OLD_NAMES]:
        value = values.pop(old)
        for name in OLD_NAMES[old]:
            _put(values, name, value)
    for name, field in fields().items():
        *group, last = name.split(".")
        owner = values.get(group[0]) if group else values
        value = owner.get(last) if isinstance(owner, dict) else None
        if isinstance(value, str) and field.annotation in (Path, Path | None):
            owner[last] = folder / Path(value).expanduser()  # type: ignore[index]
    return values


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set a value by its path, unless it is set by it already, or its group is something else."""
    group, _, last = name.partition(".")
    owner = values.setdefault(group, {})
    if isinstance(owner, dict):
        owner.setdefault(last, value)
