"""Where Kafka, MongoDB and Qdrant are, and how one logs in."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from schemas.settings.values import Group, HttpUrl, PlaceOrNone, Seconds, is_reference, servers


def _mongodb(value: SecretStr) -> SecretStr:
    if is_reference(value):
        return value
    url = value.get_secret_value()
    scheme, separator, rest = url.partition("://")
    hosts = re.split(r"[/?]", rest)[0].rpartition("@")[2]
    if scheme not in ("mongodb", "mongodb+srv") or not separator or not hosts or re.search(r"\s", url):
        raise ValueError("write mongodb://[user:password@]host:port[,host:port][/?options]")
    try:
        servers(hosts)
    except ValueError:
        raise ValueError("a host or port of it is wrong; in a password, write / : @ ? as %2F %3A %40 %3F") from None
    return value


ALL_OURS = "all"
"""In `sealed_topics`: every topic with personal data but those that others write."""


def _sealable(name: str) -> str:
    from schemas.topics import TOPICS  # which few processes need so early

    names = [spec.name for spec in TOPICS if spec.is_personal]
    if name != ALL_OURS and name not in names:
        raise ValueError(f"write {ALL_OURS}, or some of {', '.join(names)}")
    return name


class KafkaSettings(Group):
    """How every Kafka client connects, and how topics are made."""

    bootstrap_servers: Annotated[str, AfterValidator(servers)] = Field(
        default="127.0.0.1:19092", description="brokers, as host:port[,host:port]"
    )
    group_id: str = Field(default="looma", pattern=r"^[A-Za-z0-9._-]{1,100}$", description="consumer group")
    timeout_seconds: Seconds = Field(default=10.0, description="of one request")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="SSL encrypts; SASL authenticates"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = Field(
        default=None, description="how SASL authenticates"
    )
    sasl_username: str | None = Field(default=None, description="for PLAIN and SCRAM")
    sasl_password: SecretStr | None = Field(default=None, description="for PLAIN and SCRAM")
    token_command: list[str] = Field(
        default=[],
        max_length=100,
        description='prints a token for OAUTHBEARER, e.g. ["get-token", "--audience", "kafka"]',
    )
    ca_file: PlaceOrNone = Field(default=None, description="PEM of the brokers' CA; default: the system's")
    certificate_file: PlaceOrNone = Field(default=None, description="PEM of this client's certificate")
    key_file: PlaceOrNone = Field(default=None, description="PEM of its key, if that is a separate file")
    key_password: SecretStr | None = Field(default=None, description="of an encrypted key")
    check_hostname: bool = Field(default=True, description="whether a broker's certificate must name its host")
    encryption_keys: list[SecretStr] = Field(
        default=[],
        max_length=10,
        description="base64 of 32 random bytes, one a line: the first encrypts values of sealed_topics, each decrypts",
    )
    sealed_topics: list[Annotated[str, AfterValidator(_sealable)]] = Field(
        default=["dead-letters"],
        max_length=50,
        description=f"topics to encrypt, given keys; {ALL_OURS}: each with personal data that others do not write",
    )
    partitions: int = Field(default=8, ge=1, le=1000, description="of newly provisioned topics")
    replication_factor: int = Field(default=1, ge=1, le=9, description="of newly provisioned topics")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse half a login: it would only be noticed by a broker, without a reason."""
        sasl, tls = "SASL" in self.security_protocol, "SSL" in self.security_protocol
        if sasl and self.sasl_mechanism is None:
            raise ValueError(f"{self.security_protocol} needs sasl_mechanism")
        if self.sasl_mechanism and not sasl:
            raise ValueError(f"sasl_mechanism needs security_protocol SASL_SSL, not {self.security_protocol}")
        if self.sasl_mechanism == "OAUTHBEARER" and not self.token_command:
            raise ValueError("OAUTHBEARER needs token_command")
        if self.sasl_mechanism not in (None, "OAUTHBEARER") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"{self.sasl_mechanism} needs sasl_username and sasl_password")
        if not tls and (self.ca_file or self.certificate_file):
            raise ValueError("ca_file and certificate_file need security_protocol SSL or SASL_SSL")
        if self.key_file and not self.certificate_file:
            raise ValueError("key_file needs certificate_file")
        return self


class MongoDBSettings(Group):
    """Where records live."""

    url: Annotated[SecretStr, AfterValidator(_mongodb)] = Field(
        default=SecretStr("mongodb://127.0.0.1:27117"),
        description="mongodb://[user:password@]host:port[,host:port][/?options]",
    )
    database: str = Field(default="looma", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="its name")
    timeout_seconds: Seconds = Field(default=10.0, description="of one operation")
    slow_seconds: Seconds = Field(default=0.5, description="commands that take longer are logged, without values")
    encryption_key: SecretStr | None = Field(
        default=None, description="base64 of 96 random bytes: personal data of talents is encrypted, a key each"
    )


class QdrantSettings(Group):
    """Where vectors live."""

    url: HttpUrl = Field(default="http://127.0.0.1:16333", description="its REST address")
    api_key: SecretStr | None = Field(default=None, description="if the server asks for one")
    ca_file: PlaceOrNone = Field(default=None, description="PEM of the server's CA; default: the system's")
    timeout_seconds: Seconds = Field(default=10.0, description="of one request")
