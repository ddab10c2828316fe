"""X.509 certificates: what all that are made here have in common."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def named(name: str) -> x509.Name:
    """Return a name that has a common name alone."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def begun(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta
) -> x509.CertificateBuilder:
    """Return an unsigned certificate, good from an hour ago, for clocks differ, and for so long from now."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + lasts)
    )


def pem(key: ec.EllipticCurvePrivateKey, password: str = "") -> bytes:
    """Return a private key as PEM, encrypted if there is a password."""
    secret = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
