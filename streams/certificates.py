"""When certificates end: those that servers show in a handshake, and those in files of ours."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from loguru import logger
from opentelemetry.metrics import CallbackOptions, Observation

from schemas.settings import Settings
from streams import metrics

LOOK_SECONDS = 300.0
HANDSHAKE_SECONDS = 10.0
MAX_FILE_BYTES = 1024 * 1024


def servers_with_tls(settings: Settings) -> dict[str, list[tuple[str, int]]]:
    """Return the addresses that are talked to by TLS, by server. Of `mongodb+srv` none: DNS has those."""
    from pymongo.uri_parser import parse_uri

    found: dict[str, list[tuple[str, int]]] = {}
    if "SSL" in settings.kafka.security_protocol:
        found["kafka"] = [_address(server, 9092) for server in settings.kafka.bootstrap_servers.split(",")]
    url = settings.mongodb.url.get_secret_value()
    if url.startswith("mongodb://") and ("tls" in url or "ssl" in url):
        parsed = parse_uri(url, warn=False)
        if parsed["options"].get("tls"):
            found["mongodb"] = [(host, port or 27017) for host, port in parsed["nodelist"]]
    if (qdrant := urlsplit(settings.qdrant.url)).scheme == "https":
        found["qdrant"] = [(qdrant.hostname or "", qdrant.port or 443)]
    return found


def files(settings: Settings) -> dict[str, Path]:
    """Return the files with certificates that this installation shows others."""
    named = {"kafka-client": settings.kafka.certificate_file, "api": settings.api.certificate_file}
    return {name: path for name, path in named.items() if path}


async def shown_by(host: str, port: int) -> float:
    """Return when the certificate that a server shows ends, in seconds since 1970.

    It is looked at, not trusted: nothing is sent. Raises OSError, TimeoutError, ValueError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with asyncio.timeout(HANDSHAKE_SECONDS):
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    if not shown:
        raise ValueError("it shows none")
    from cryptography import x509  # here: most workers have nothing to look at

    return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()


def ends_in_file(path: Path) -> float:
    """Return when the first certificate of a PEM file ends: that which is shown. Raises OSError, ValueError."""
    from cryptography import x509

    with path.open("rb") as file:
        return x509.load_pem_x509_certificate(file.read(MAX_FILE_BYTES)).not_valid_after_utc.timestamp()


class Certificates:
    """Looks now and then, never while metrics are read. Of several brokers the one counts that ends first."""

    def __init__(self, settings: Settings) -> None:
        self._servers = servers_with_tls(settings)
        self._files = files(settings)
        self._ends: dict[str, float] = {}
        metrics.CERTIFICATE_EXPIRY.observe(self._observe)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once. What does not answer keeps what it has shown before."""
        for name, addresses in self._servers.items():
            found = await asyncio.gather(*(shown_by(*each) for each in addresses), return_exceptions=True)
            if ends := [each for each in found if isinstance(each, float)]:
                self._ends[name] = min(ends)
        for name, path in self._files.items():
            try:
                self._ends[name] = await asyncio.to_thread(ends_in_file, path)
            except (OSError, ValueError) as error:
                logger.warning("when the certificate of {} ends is not known: {}", name, type(error).__name__)

    def _observe(self, _: CallbackOptions) -> Iterator[Observation]:
        for name, end in list(self._ends.items()):
            yield Observation(end, {"server": name})


def _address(server: str, default_port: int) -> tuple[str, int]:
    parts = urlsplit(f"//{server.strip()}")
    return parts.hostname or "", parts.port or default_port
