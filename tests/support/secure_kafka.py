"""A broker that asks who comes: TLS with certificates of both sides, SCRAM, PLAIN and OAUTHBEARER, and ACLs."""

import datetime
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ops.certificates import begun, named, pem
from ops.local.embedded.kafka import Kafka

ADMIN = "admin"
USERS = {name: f"{name}-secret" for name in (ADMIN, "worker", "resumes", "chat", "api", "crm", "board", "provisioner")}
_LISTENER = "listener.name.sasl_ssl"
_MODULES = "org.apache.kafka.common.security"


class Authority:
    """Signs certificates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = named("looma-test-ca")
        self.file = folder / "ca.pem"
        made = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return begun(name, self._name, key, datetime.timedelta(days=1))

    def sign(self, name: str, password: str = "") -> Path:
        """Return a file with a key and its certificate, for `localhost` only."""
        key = ec.generate_private_key(ec.SECP256R1())
        hosts = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        made = self._builder(named(name), key).add_extension(hosts, critical=False).sign(self._key, hashes.SHA256())
        file = self._folder / f"{name}.pem"
        file.write_bytes(pem(key, password) + made.public_bytes(serialization.Encoding.PEM))
        return file


@dataclass(frozen=True)
class SecureKafka(Kafka):
    """Its listener takes nobody without a certificate and a login."""

    authority_file: Path = Path()
    certificate_file: Path = Path()
    inside_port: int = 0

    def properties(self) -> dict[str, str]:
        """Return the node's configuration."""
        plain = " ".join(f'user_{name}="{secret}"' for name, secret in USERS.items())
        return {
            **super().properties(),
            "listeners": f"SASL_SSL://127.0.0.1:{self.port},INSIDE://127.0.0.1:{self.inside_port},"
            f"CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"SASL_SSL://localhost:{self.port},INSIDE://127.0.0.1:{self.inside_port}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "INSIDE",
            f"{_LISTENER}.ssl.keystore.type": "PEM",
            f"{_LISTENER}.ssl.keystore.location": str(self.certificate_file),
            f"{_LISTENER}.ssl.truststore.type": "PEM",
            f"{_LISTENER}.ssl.truststore.location": str(self.authority_file),
            f"{_LISTENER}.ssl.client.auth": "required",
            f"{_LISTENER}.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER",
            f"{_LISTENER}.scram-sha-256.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
            f"{_LISTENER}.scram-sha-512.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
            f"{_LISTENER}.plain.sasl.jaas.config": f"{_MODULES}.plain.PlainLoginModule required {plain};",
            f"{_LISTENER}.oauthbearer.sasl.jaas.config": f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required "
            'unsecuredLoginStringClaim_sub="broker";',
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN};User:ANONYMOUS",  # ANONYMOUS: the broker itself, inside
        }

    def format_arguments(self) -> list[str]:
        """Return what makes the users."""
        return [
            argument
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for name, secret in USERS.items()
            for argument in ("--add-scram", f"{mechanism}=[name={name},password={secret}]")
        ]


def unsigned_token(subject: str, lifetime_seconds: int = 3600) -> str:
    """Return a JSON web token as Kafka's development handler takes it."""
    now = int(datetime.datetime.now(datetime.UTC).timestamp())
    parts: tuple[Mapping[str, object], ...] = (
        {"alg": "none"},
        {"sub": subject, "iat": now, "exp": now + lifetime_seconds},
    )
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
