"""Access tokens of an OpenID provider: signed by a key that it publishes, for us, now, or not taken at all.

Only the settings say whom to trust, where its keys are and by which algorithms it may sign; of a token's own header
nothing but the name of the key is used. Shared secrets and `none` are not among the algorithms.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from loguru import logger

from connectors.bodies import read_within
from schemas.access import is_for_candidates, is_scope
from schemas.errors import LoomaError
from schemas.settings import OidcSettings

MAX_TOKEN = 8192
MAX_DOCUMENT = 256 * 1024
MAX_KEYS = 100
REFRESH_SECONDS = 300.0
"""After which the provider's keys are fetched again."""
STALE_SECONDS = 3600.0
"""How long the keys that are known are good for if the provider does not answer."""
AGAIN_SECONDS = 10.0
"""At most so often are keys fetched for a name that is not among them: anybody can make names up."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class TokenError(LoomaError):
    """A token that is not taken; the text says why, and repeats nothing of it."""

    code = "invalid_token"


class IssuerError(LoomaError):
    """The OpenID provider's keys cannot be had; the text says why."""

    code = "oidc_unavailable"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token allows, and to whom. `subject` is the provider's name for the caller: it may be personal data."""

    issuer: str
    subject: str
    scopes: frozenset[str]
    sources: frozenset[str]
    candidate: str | None
    recruiter: str | None
    expires: float


class TokenVerifier:
    """Verifies tokens of one provider, whose keys it fetches when they are needed and keeps for a while."""

    def __init__(self, settings: OidcSettings, clock: Callable[[], float] = time.time) -> None:
        if settings.issuer is None:
            raise ValueError("no issuer is set")
        self._settings = settings
        self.issuer = settings.issuer
        self._clock = clock
        self._keys: list[Any] = []
        self._read = self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Claims:
        """Return what a token says. Raises TokenError, or IssuerError if its key cannot be looked up."""
        if len(token) > MAX_TOKEN or token.count(".") != 2:
            raise TokenError("this is no token of an OpenID provider")
        try:
            header = jwt_header(token)
            algorithm, name = str(header.get("alg")), header.get("kid")
            if algorithm not in self._settings.algorithms:
                raise TokenError("the token is signed by an algorithm that is not allowed")
            if str(header.get("typ", "JWT")).lower().removeprefix("application/") not in ("jwt", "at+jwt"):
                raise TokenError("this is no access token")
            key = await self._key(name if isinstance(name, str) else None, algorithm)
            found = jwt.decode(token, key, algorithms=[algorithm])
            self._registry().validate(found.claims)
        except JoseError as error:
            raise TokenError(f"the token is not valid: {error.error}") from None
        except (ValueError, TypeError, RecursionError, UnicodeError):
            raise TokenError("the token is not valid") from None
        return self._claims(found.claims)

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=self._settings.leeway_seconds,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    def _claims(self, claims: Mapping[str, Any]) -> Claims:
        """Read a valid token's rights. What is no scope of ours is passed over: a token may be for others, too."""
        s = self._settings
        candidate, recruiter = _name(claims, s.candidate_claim), _name(claims, s.recruiter_claim)
        if candidate and recruiter:
            raise TokenError("the token is of a candidate and of a recruiter at once")
        scopes = frozenset(scope for scope in _words(claims.get(s.scope_claim)) if is_scope(scope))
        if candidate:
            scopes = frozenset(filter(is_for_candidates, scopes))
        sources = frozenset(_words(claims.get(s.source_claim)))
        return Claims(self.issuer, str(claims["sub"]), scopes, sources, candidate, recruiter, float(claims["exp"]))

    async def _key(self, name: str | None, algorithm: str) -> Any:
        """Return the key of a name; the only one that fits, of a token that names none."""
        await self._refresh(REFRESH_SECONDS)
        if (key := self._find(name, algorithm)) is None:
            await self._refresh(AGAIN_SECONDS)
            key = self._find(name, algorithm)
        if key is None:
            raise TokenError("the token is signed by a key that the provider does not publish")
        return key

    def _find(self, name: str | None, algorithm: str) -> Any:
        family = _FAMILIES[algorithm[:2]]
        fitting = [k for k in self._keys if k.key_type == family and k.get("alg", algorithm) == algorithm]
        named = [k for k in fitting if k.get("kid") == name] if name is not None else fitting
        return named[0] if len(named) == 1 else None

    async def _refresh(self, age: float) -> None:
        """Have keys that are no older than `age`; those that are known do while the provider does not answer."""
        async with self._lock:
            now = time.monotonic()
            if now - self._read < age:
                return
            if now - self._tried < AGAIN_SECONDS:
                self._refuse_stale(now)
                return
            self._tried = now
            try:
                self._keys = await self._fetch()
                self._read = now
            except (aiohttp.ClientError, TimeoutError, ValueError, JoseError, OSError) as error:
                logger.warning("the OpenID provider's keys cannot be fetched: {}", type(error).__name__)
                self._refuse_stale(now)

    def _refuse_stale(self, now: float) -> None:
        if now - self._read > STALE_SECONDS:
            raise IssuerError("the OpenID provider does not answer; repeat the request")

    async def _fetch(self) -> list[Any]:
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout_seconds)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            url = self._settings.jwks_url
            if url is None:
                told = await _document(session, self.issuer.rstrip("/") + "/.well-known/openid-configuration")
                if told.get("issuer") != self.issuer:
                    raise ValueError("the provider calls itself otherwise")
                url = str(told["jwks_uri"])
                if not url.startswith("https://") and self.issuer.startswith("https://"):
                    raise ValueError("keys are fetched by https")
            body = await _document(session, url)
        published = body.get("keys")
        if not isinstance(published, list):
            raise ValueError("no keys")
        return [key for entry in published[:MAX_KEYS] if (key := _public_key(entry)) is not None]


def jwt_header(token: str) -> dict[str, Any]:
    """Return what a token's header says, which nobody has checked. Raises JoseError and ValueError."""
    header: dict[str, Any] = extract_compact(token.encode()).headers()
    return header


def _public_key(entry: Any) -> Any:
    """Return a key that can verify signatures of ours; None for any other: of another kind, for encryption, broken."""
    if not isinstance(entry, dict) or entry.get("kty") not in _FAMILIES.values() or entry.get("use", "sig") != "sig":
        return None
    try:
        return jwk.import_key({name: value for name, value in entry.items() if name != "d"})
    except (JoseError, ValueError, TypeError):
        return None


async def _document(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        body = await read_within(response, MAX_DOCUMENT)
    if body is None:
        raise ValueError("too large")
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _words(value: Any) -> list[str]:
    """Return the words of a claim: a text with spaces between (RFC 8693), or a list."""
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _name(claims: Mapping[str, Any], claim: str) -> str | None:
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise TokenError(f"{claim} is no id")
    return value
