"""TLS of alerts: whom we trust as Prometheus and Alertmanager, and what the relay shows."""

import ssl
from pathlib import Path

import aiohttp

from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import AlertSettings


class AlertTlsError(LoomaError):
    """A file of `alerts.ca_file`, `certificate_file` or `key_file` cannot be used; the text says why."""

    code = "alert_tls"
    exit_status = Exit.FILES


def connector(ca_file: Path | None) -> aiohttp.TCPConnector:
    """Return connections to servers that this authority vouches for; without one, the system's do.

    Raises AlertTlsError.
    """
    if ca_file is None:
        return aiohttp.TCPConnector()
    try:
        return aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca_file))
    except OSError as error:
        raise AlertTlsError(f"alerts.ca_file {ca_file}: {error.strerror or type(error).__name__}") from None


def shown(settings: AlertSettings) -> ssl.SSLContext | None:
    """Return what the relay shows who asks it; None if it speaks without TLS. Raises AlertTlsError."""
    if settings.certificate_file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # A passphrase that is none: for a key that needs one OpenSSL would ask on the terminal.
        context.load_cert_chain(settings.certificate_file, settings.key_file, lambda: "")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AlertTlsError(f"alerts.certificate_file {settings.certificate_file}: {reason}") from None
    return context
