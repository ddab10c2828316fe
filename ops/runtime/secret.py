"""The deployment's secret: it signs operations and cursors, and keys the hashes of API keys and of audit events."""

import os
import secrets
import tempfile
from pathlib import Path

from ops.runtime.data_folder import make_private
from schemas.settings import Settings

_FILE = "api-secret"


def secret_of(settings: Settings) -> bytes:
    """Return the deployment's secret: `api.secret`, or one that the data folder keeps, made when first needed."""
    if settings.api.secret is not None:
        return settings.api.secret.get_secret_value().encode()
    file = make_private(settings.data_dir) / _FILE
    if not file.exists():
        _make(file)
    return file.read_bytes()


def _make(file: Path) -> None:
    """Write a new secret whole, unless another process was faster."""
    # A name that no process in another container has, either: their ids are the same.
    handle, own = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    with os.fdopen(handle, "wb") as new:
        new.write(secrets.token_hex(32).encode())
        new.flush()
        os.fsync(new.fileno())
    try:
        os.link(own, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(own)
