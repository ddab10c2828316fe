"""What `compose/` must keep secret: an authority of its own, certificates, logins. Made once, a file each.

The folder is its owner's alone; files in it can be read by all, since each container has another user and is given
only those files that it needs.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from ops.certificates import begun, named, pem
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.topics import ROLES

SERVERS: Mapping[str, tuple[str, ...]] = {
    "kafka": ("kafka", "kafka-2", "kafka-3"),
    "mongodb": ("mongodb",),
    "qdrant": ("qdrant",),
    "collector": ("collector",),
    "api": ("api",),
    "tempo": ("tempo",),
    "loki": ("loki",),
    "prometheus": ("prometheus",),
    "alertmanager": ("alertmanager",),
    "relay": ("relay",),
    "grafana": ("grafana",),
}
"""Who has a certificate, and by which names it is called inside; all are called localhost, too."""
SENDER = "telemetry"
"""What processes of ours show the collector, the collector Tempo, and Prometheus the collector."""
ADMIN = "admin"
"""May do everything in Kafka; makes topics and gives the others their rights."""
KAFKA_USERS = (ADMIN, *(role for role in ROLES if role != "provisioner"))  # whose work the admin does
MONGODB_USERS = ("worker", "resumes", "chat", "api", "operator")
MONGODB_OPTIONS = "authSource=admin&replicaSet=rs0&w=majority&journal=true&tls=true&tlsCAFile=/run/secrets/ca.pem"
AUTHORITY_DAYS, CERTIFICATE_DAYS = 3650, 825
SCRAM_ITERATIONS = 8192
_AUTHORITY, _AUTHORITY_KEY = "ca.pem", "ca.key"


class ComposeSecretsError(LoomaError):
    """The folder of secrets cannot be used; the text says why."""

    code = "compose_secrets"
    exit_status = Exit.FILES


def make(folder: Path, *, renew: bool = False) -> list[str]:
    """Make the files that are missing; return their names. `renew`: certificates are made anew, by the same authority.

    Raises ComposeSecretsError.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        made = [name for name, content in _contents(folder).items() if _is_new(folder / name, content)]
        made += _certificates(folder, renew)
    except OSError as error:
        raise ComposeSecretsError(f"{error.filename or folder}: {error.strerror or error}") from None
    except ValueError as error:
        raise ComposeSecretsError(f"{folder}: {error}") from None
    return sorted(made)


def _contents(folder: Path) -> Mapping[str, Callable[[], str]]:
    """Return what each file of logins holds; passwords come before what is made of them."""

    def text(name: str) -> str:
        return (folder / name).read_text("ascii")

    def users_of_kafka() -> str:
        return "".join(f"{scram(user, text(f'kafka-{user}.password'))}\n" for user in KAFKA_USERS)

    def users_of_mongodb() -> str:
        return json.dumps({user: text(f"mongodb-{user}.password") for user in MONGODB_USERS})

    return {
        **{f"kafka-{user}.password": _password for user in KAFKA_USERS},
        "kafka.users": users_of_kafka,
        **{f"mongodb-{user}.password": _password for user in MONGODB_USERS},
        **{
            f"mongodb-{user}.url": lambda user=user: (  # type: ignore[misc]
                f"mongodb://{user}:{text(f'mongodb-{user}.password')}@mongodb:27017/?{MONGODB_OPTIONS}"
            )
            for user in MONGODB_USERS
        },
        "mongodb.users": users_of_mongodb,
        "mongodb-root.password": _password,
        "mongodb.key": lambda: base64.b64encode(secrets.token_bytes(96)).decode(),
        "qdrant.password": _password,
        "qdrant.yaml": lambda: json.dumps({"service": {"api_key": text("qdrant.password")}}),
        "grafana.password": _password,
        "topics.key": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
        "api.password": _password,
    }


def _password() -> str:
    return secrets.token_urlsafe(32)  # nothing that a URL or a shell would take for its own


def scram(user: str, password: str) -> str:
    """Return a user as `kafka-storage.sh format --add-scram` takes it, without the password itself."""
    salt = secrets.token_bytes(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, SCRAM_ITERATIONS)
    parts = {"salt": salt, "saltedpassword": salted}
    encoded = "".join(f'{name}="{base64.b64encode(value).decode()}",' for name, value in parts.items())
    return f"SCRAM-SHA-512=[name={user},{encoded}iterations={SCRAM_ITERATIONS}]"


def _is_new(file: Path, content: Callable[[], str]) -> bool:
    if file.exists():
        return False
    _write(file, content().encode())
    return True


def _write(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file that is there whole or not at all."""
    part = file.with_name(f".{file.name}")
    part.touch(mode)
    part.chmod(mode)
    part.write_bytes(content)
    part.replace(file)


def _certificates(folder: Path, renew: bool) -> list[str]:
    if not (folder / _AUTHORITY).exists():
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder / _AUTHORITY_KEY, pem(key), 0o600)
        _write(folder / _AUTHORITY, _authority(key).public_bytes(serialization.Encoding.PEM))
        renew = True
    wanted = {**{name: (names, True) for name, names in SERVERS.items()}, SENDER: ((), False)}
    missing = [name for name in wanted if renew or not (folder / f"{name}.pem").exists()]
    if not missing:
        return []
    authority = x509.load_pem_x509_certificate((folder / _AUTHORITY).read_bytes())
    key_of_authority = serialization.load_pem_private_key((folder / _AUTHORITY_KEY).read_bytes(), None)
    if not isinstance(key_of_authority, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{_AUTHORITY_KEY} is no key of ours")
    for name in missing:
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _signed(name, *wanted[name], key, authority, key_of_authority)
        _write(folder / f"{name}.pem", pem(key) + signed.public_bytes(serialization.Encoding.PEM))
    return [f"{name}.pem" for name in missing]


def _begun(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return begun(name, issuer, key, timedelta(days=days)).add_extension(identifier, critical=False)


def _usage(**uses: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: uses.get(name, False) for name in names})


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = named("looma compose")
    return (
        _begun(name, name, key, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _signed(
    name: str,
    names: tuple[str, ...],
    is_server: bool,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return a certificate; brokers show theirs to each other, and so are clients as well."""
    uses = [ExtendedKeyUsageOID.SERVER_AUTH] if is_server else []
    if name in ("kafka", SENDER):
        uses.append(ExtendedKeyUsageOID.CLIENT_AUTH)
    made = (
        _begun(named(name), authority.subject, key, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if is_server:
        hosts = [*map(x509.DNSName, (*names, "localhost")), x509.IPAddress(ip_address("127.0.0.1"))]
        made = made.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return made.sign(authority_key, hashes.SHA256())
