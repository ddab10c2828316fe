"""What workers do: sync, matching, resumes, models."""

from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.settings.values import Group, HttpUrl, PlaceOrNone, Port, address


class WorkerSettings(Group):
    """How a worker works."""

    host: Annotated[str, AfterValidator(address)] = Field(
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


class ModelSettings(Group):
    """What turns texts into vectors."""

    embedding_path: PlaceOrNone = Field(default=None, description="embedding model; default: the downloaded one")
    embedding_threads: int = Field(default=1, ge=1, le=64, description="texts embedded at a time")


class LocalSettings(Group):
    """The stack that `looma up` starts."""

    kafka_port: Port = Field(default=19092, description="port of the embedded Kafka")
