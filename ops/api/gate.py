"""The gate: who holds a key or a token, and whether her limit lets her in."""

import asyncio
from datetime import UTC, datetime

from connectors.tokens import Claims, IssuerError, TokenError, TokenVerifier
from ops.api.problems import Problem, unavailable
from processors.access import Caller
from processors.audit import pseudonym
from processors.gateway.limits import Decision, Limit, headers
from schemas.settings import Settings
from sinks.api_keys import PREFIX, KeyStore, KeyView, KeyViewError
from sinks.limit_cells import LimitCells
from sinks.mongodb import Database

CHECK_SECONDS = 2.0
"""After so long an answer that goes on ends, once its caller's key is revoked."""
REQUESTS = "requests"
"""The limit of a caller's requests, a minute."""


class Gate:
    """Knows callers by what they send, and counts their requests exactly over all processes of this machine."""

    def __init__(self, settings: Settings, database: Database, secret: bytes) -> None:
        self._settings = settings
        self._secret = secret
        self._keys = KeyView(KeyStore(database, secret))
        self._tokens = TokenVerifier(settings.oidc) if settings.oidc.issuer else None
        self.limits = LimitCells(settings.data_dir / "limits")

    def close(self) -> None:
        """Release the limits' file."""
        self.limits.close()

    def is_needed(self, authorization: str | None) -> bool:
        """Whether a request must show, or shows, who sends it. A key that is sent counts where none is needed, too."""
        return self._settings.api.keys or _credential(authorization).startswith(PREFIX)

    async def identify(self, authorization: str | None) -> Caller:
        """Return who sends an `Authorization` header. Raises Problem, 401, or 503 while that cannot be told."""
        credential = _credential(authorization)
        if not credential:
            raise _unauthenticated("send a key or a token: Authorization: Bearer …")
        try:
            if not credential.startswith(PREFIX) and self._tokens:
                return self._of_token(await self._tokens.verify(credential))
            key = await self._keys.find(credential)
        except TokenError as error:
            raise _unauthenticated(str(error)) from None
        except (IssuerError, KeyViewError) as error:
            raise unavailable(error.code, str(error)) from None
        if key is None:
            raise _unauthenticated("the key is unknown, expired or revoked")
        return Caller.of_key(key)

    def known(self, authorization: str | None) -> Caller | None:
        """Return who sends a key, if that needs no waiting; None for all others, whom `identify` tells."""
        key = self._keys.known(_credential(authorization))
        return None if key is None else Caller.of_key(key)

    async def holder(self, key_id: str) -> Caller | None:
        """Return the holder of a key by its id; None if it opens nothing by now. Raises Problem, 503."""
        try:
            key = await self._keys.get(key_id)
        except KeyViewError as error:
            raise unavailable(error.code, str(error)) from None
        return Caller.of_key(key) if key else None

    def admit(self, caller: Caller) -> list[Decision]:
        """Count a request; return what is left. Raises Problem, 429, with the time to wait."""
        if caller.requests is None:
            return []
        decision = self.limits.take(caller.audited, Limit(REQUESTS, caller.requests))
        if not decision.allowed:
            raise Problem(
                429, "rate_limited", f"{caller.requests} requests a minute are allowed", headers=headers([decision])
            )
        return [decision]

    async def until_closed(self, caller: Caller) -> None:
        """Wait until a caller's key or token opens nothing any more, for answers that go on until then."""
        while True:
            if not await self._is_open(caller):
                return
            await asyncio.sleep(CHECK_SECONDS)

    async def _is_open(self, caller: Caller) -> bool:
        if caller.until is not None and caller.until <= datetime.now(UTC):
            return False
        try:
            return caller.kind != "key" or await self._keys.get(caller.id) is not None
        except KeyViewError:
            return False

    def _of_token(self, claims: Claims) -> Caller:
        """Return the holder of a token, under a name that tells nothing of her."""
        return Caller(
            "token",
            pseudonym(self._secret, claims.issuer, claims.subject),
            claims.scopes,
            claims.candidate,
            claims.sources,
            claims.recruiter,
            self._settings.oidc.requests_per_minute,
            self._settings.oidc.tokens_per_minute,
            datetime.fromtimestamp(claims.expires, UTC),
        )


def _credential(authorization: str | None) -> str:
    """Return what follows `Bearer`; empty if nothing does."""
    kind, _, credential = (authorization or "").strip().partition(" ")
    return credential.strip() if kind.lower() == "bearer" else ""


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"www-authenticate": "Bearer"})
