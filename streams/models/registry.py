"""The models on this machine: versions side by side in a folder, each pinned by sha256."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.errors import LoomaError
from streams.models import default_model
from streams.models.builtin import BUILTIN, DEFAULT, TITLES, TITLES_NAME
from streams.models.manifest import File, Manifest
from streams.models.sources import Progress, SourceError, check, fetch

MANIFEST = "manifest.json"
_MAX_MANIFEST = 1 << 20


class RegistryError(LoomaError):
    """A model is not known, not here, or cannot be changed this way; the text says what to do."""

    code = "model"


@dataclass(frozen=True, slots=True)
class Entry:
    """A known version; `folder` is None until it is pulled."""

    manifest: Manifest
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A version whose manifest cannot be read: what its folder says it is, and what is wrong."""

    name: str
    version: str
    error: RegistryError

    @property
    def id(self) -> str:
        """Return `name@version`."""
        return f"{self.name}@{self.version}"


class Registry:
    """Knows the built-in models and those in `<root>/models/<name>/<version>/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._models = root / "models"

    def entries(self) -> list[Entry]:
        """Return every known version whose manifest can be read, by name, then by version, the oldest first."""
        return self.listing()[0]

    def listing(self) -> tuple[list[Entry], list[Unreadable]]:
        """Return the `entries`, and those that cannot be read: one is no reason to know nothing of the others."""
        found, unreadable = {m.id: Entry(m, None) for m in BUILTIN}, []
        for path in sorted(self._models.glob(f"*/*/{MANIFEST}")):
            try:
                manifest = read_manifest(path)
            except RegistryError as error:
                unreadable.append(Unreadable(path.parent.parent.name, path.parent.name, error))
            else:
                found[manifest.id] = Entry(manifest, path.parent)
        return sorted(found.values(), key=lambda e: (e.manifest.name, _natural(e.manifest.version))), unreadable

    def find(self, model: str) -> Entry:
        """Return `name@version`, or the newest version of `name`.

        Raises RegistryError, also where one that is asked for cannot be read: an older one is no answer.
        """
        name, _, version = model.partition("@")
        entries, unreadable = self.listing()
        for each in unreadable:
            if each.name == name and version in ("", each.version):
                raise each.error
        found = [e for e in entries if e.manifest.name == name and version in ("", e.manifest.version)]
        if not found:
            raise RegistryError(f"there is no model {model}; see `looma models list`")
        return found[-1]

    def pulled(self, model: str) -> Entry:
        """Return a version that is on this machine. Raises RegistryError."""
        entry = self.find(model)
        if entry.folder is None:
            raise RegistryError(f"{entry.manifest.id} is not on this machine; `looma models pull {entry.manifest.id}`")
        return entry

    def folder(self, manifest: Manifest) -> Path:
        """Return where a version lies, or will."""
        return self._models / manifest.name / manifest.version

    async def pull(self, manifest: Manifest, progress: Progress) -> Entry:
        """Bring a version here and pin what was not pinned; what is here already is checked only.

        Raises SourceError, or RegistryError if another model of this name and version is here.
        """
        folder = self.folder(manifest)
        if (folder / MANIFEST).is_file():
            known = read_manifest(folder / MANIFEST)
            if known.source != manifest.source:
                raise RegistryError(f"{manifest.id} is here from another source; give this one another version")
            manifest = known
        folder.mkdir(parents=True, exist_ok=True)
        if manifest in (DEFAULT, TITLES) and not (folder / default_model.MODEL_NAME).exists():
            # The worker's own copy: the same bytes, which are not stored twice.
            _link(default_model.ensure_model(self._root), folder / default_model.MODEL_NAME)
        if manifest == TITLES and not (folder / TITLES_NAME).exists():
            from processors.embedding.titles import WEIGHTS  # here, for it imports the runtime

            (folder / TITLES_NAME).write_bytes(WEIGHTS.read_bytes())
        graph = manifest.encoder.graph if manifest.encoder.export else None
        brought = tuple(f for f in manifest.files if f.path != graph)
        await fetch(manifest.model_copy(update={"files": brought}), folder, progress)
        if manifest.encoder.export and not (folder / manifest.encoder.graph).is_file():
            _export(folder, manifest.encoder.graph)
        return self.add(pinned(manifest, folder))

    def add(self, manifest: Manifest) -> Entry:
        """Write the manifest of a version whose files are in its folder; it is known from then on."""
        folder = self.folder(manifest)
        temporary = folder / f"{MANIFEST}.{os.getpid()}"
        temporary.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        temporary.replace(folder / MANIFEST)
        return Entry(manifest, folder)

    def measured(self, entry: Entry, metrics: Mapping[str, Any]) -> Entry:
        """Write metrics into the manifest of a pulled version."""
        return self.add(entry.manifest.model_copy(update={"metrics": {**entry.manifest.metrics, **metrics}}))

    def verify(self, entry: Entry) -> list[str]:
        """Return what of a pulled version is not as pinned; nothing if all is well."""
        problems = []
        for file in entry.manifest.files:
            try:
                check(self.folder(entry.manifest), file)
            except SourceError as error:
                problems.append(str(error))
        return problems

    def remove(self, entry: Entry) -> None:
        """Delete the files of a version."""
        # First the manifest, so that half of a version is never taken for one.
        folder = self.folder(entry.manifest)
        (folder / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in a file. Raises RegistryError that names what is wrong in it."""
    try:
        if path.stat().st_size > _MAX_MANIFEST:
            raise RegistryError(f"{path} is too large for a manifest")
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RegistryError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors()[:5])
        raise RegistryError(f"{path} is no manifest: {problems}") from error


def pinned(manifest: Manifest, folder: Path) -> Manifest:
    """Return the manifest with the digests and sizes of the files in `folder`, the graph among them."""
    paths = {f.path: f for f in manifest.files}
    paths.setdefault(manifest.encoder.graph, File(path=manifest.encoder.graph))
    files = tuple(
        f.model_copy(update={"sha256": check(folder, f), "size": (folder / f.path).stat().st_size})
        for f in paths.values()
    )
    return manifest.model_copy(update={"files": files})


def _natural(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", version) if part]


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


def _export(folder: Path, graph: str) -> None:
    try:
        from streams.models.export import ExportError, export_bert
    except ImportError as error:
        raise RegistryError("making a graph of weights needs `pip install looma-streams[models]`") from error
    try:
        export_bert(folder, folder / graph)
    except ExportError as error:
        raise RegistryError(str(error)) from error
