"""The HTTP API, and whose tokens it takes."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.settings.values import Group, HttpUrl, LongSecret, PlaceOrNone, Seconds, both_or_none

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


class OidcSettings(Group):
    """Whose access tokens the HTTP API takes beside keys; without an issuer, nobody's."""

    issuer: HttpUrl | None = Field(default=None, description="the OpenID provider, as its tokens name it in `iss`")
    audience: str = Field(default="looma", min_length=1, max_length=200, description="this API, as `aud` names it")
    jwks_url: HttpUrl | None = Field(default=None, description="where its keys are; default: as the issuer tells")
    algorithms: list[Algorithm] = Field(
        default=["RS256", "ES256", "EdDSA"], min_length=1, max_length=11, description="by which tokens may be signed"
    )
    leeway_seconds: int = Field(default=30, ge=0, le=300, description="by which clocks may differ")
    timeout_seconds: Seconds = Field(default=5.0, description="of fetching its keys")
    scope_claim: str = Field(default="scope", min_length=1, description="the claim that names scopes")
    source_claim: str = Field(default="sources", min_length=1, description="that names sources for events:write")
    candidate_claim: str = Field(default="talent_id", min_length=1, description="that says which talent the caller is")
    recruiter_claim: str = Field(default="recruiter_id", min_length=1, description="that says which recruiter")
    requests_per_minute: int = Field(default=600, ge=1, le=1_000_000, description="of each subject")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="of language models, of each subject")


class ApiSettings(Group):
    """How `looma api` serves. Limits are those of one process."""

    host: str = Field(
        default="127.0.0.1", min_length=1, max_length=253, description="address; another than this machine's needs keys"
    )
    port: int = Field(default=16080, ge=0, le=65535, description="its port; 0: any that is free")
    processes: int = Field(default=1, ge=1, le=64, description="processes that share the port")
    keys: bool = Field(default=False, description="whether every request needs a key or a token")
    certificate_file: PlaceOrNone = Field(default=None, description="PEM of the server's certificate")
    key_file: PlaceOrNone = Field(default=None, description="PEM of its key")
    behind_proxy: bool = Field(default=False, description="whether a proxy in front of it speaks TLS instead")
    secret: LongSecret | None = Field(
        default=None,
        description="signs operations and cursors, the same on every host; default: one kept in data_dir",
    )
    body_bytes: int = Field(default=4 << 20, ge=1024, description="of a request's body, unpacked too")
    batch_events: int = Field(default=1000, ge=1, le=10_000, description="events in one request, at most")
    timeout_seconds: Seconds = Field(default=20.0, description="until an answer begins")
    publish_seconds: Seconds = Field(default=10.0, description="until Kafka acknowledges a write")
    drain_seconds: float = Field(default=15.0, gt=0, description="how long requests may take once it is to stop")
    reads: int = Field(default=64, ge=1, description="reads answered at a time")
    searches: int = Field(default=8, ge=1, description="searches answered at a time")
    writes: int = Field(default=128, ge=1, description="writes answered at a time")
    ai_requests: int = Field(default=32, ge=1, description="AI requests answered at a time")
    streams: int = Field(default=500, ge=1, description="streams open at a time")
    queue: int = Field(default=256, ge=0, description="requests of a class that wait for their turn, at most")
    queue_ms: int = Field(default=500, ge=1, le=60_000, description="how long each may wait")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        both_or_none(self.certificate_file, self.key_file)
        return self
