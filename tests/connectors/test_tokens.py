"""Tokens against a real provider of keys on this machine, and the known ways of forging them."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc import jwk, jwt
from joserfc.jws import JWSRegistry

from connectors import tokens
from connectors.tokens import IssuerError, TokenError, TokenVerifier
from schemas.settings import OidcSettings

NOW = 1_800_000_000
RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec"})
ENC = jwk.RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
OCT = jwk.OctKey.generate_key(256, {"kid": "oct"})
STRANGE = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})


class Provider:
    """Publishes keys over HTTP."""

    def __init__(self) -> None:
        self.keys = [RSA, EC, ENC]
        self.asked: list[str] = []
        self.status = 200
        self.body: bytes | None = None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                known = {"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/keys"}
                published = {
                    "keys": [k.as_dict(private=False) for k in provider.keys] + [OCT.as_dict(), {"kty": "?"}, 1]
                }
                body = json.dumps(published if self.path == "/keys" else known).encode()
                body = body if provider.body is None else provider.body
                self.send_response(provider.status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


def verifier_of(provider: Provider, **values: object) -> TokenVerifier:
    settings = OidcSettings(issuer=provider.issuer, audience="looma", **values)
    return TokenVerifier(settings, clock=lambda: NOW)


def claims_of(provider: Provider, **claims: object) -> dict[str, object]:
    told = {
        "iss": provider.issuer,
        "aud": ["looma", "x"],
        "sub": "u-1",
        "exp": NOW + 60,
        "scope": "talents:read search",
    }
    return {n: v for n, v in (told | claims).items() if v is not None}


def signed(provider: Provider, key=RSA, header=None, **claims: object) -> str:
    algorithm = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
    header = {n: v for n, v in {"alg": algorithm, "kid": key.kid, **(header or {})}.items() if v is not None}
    lax = JWSRegistry(algorithms=["RS256", "ES256", "HS256", "PS256"], strict_check_header=False)
    return jwt.encode(header, claims_of(provider, **claims), key, registry=lax)


def by_shared_secret(secret: bytes, body: str) -> str:
    said = f"{part({'alg': 'HS256', 'kid': 'rsa', 'typ': 'JWT'})}.{body}"
    made = hmac.digest(secret, said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_token_says_what_its_holder_may(provider: Provider) -> None:
    verifier = verifier_of(provider)
    found = await verifier.verify(signed(provider, scope="talents:read openid events:write:crm", sources=["crm"]))
    assert (found.subject, found.scopes, found.sources) == (
        "u-1", {"talents:read", "events:write:crm"}, {"crm"},
    )  # fmt: skip
    found = await verifier.verify(signed(provider, EC, talent_id="T1", scope=["talents:read", "dlq:read", "pii:read"]))
    assert (found.candidate, found.scopes) == ("T1", {"talents:read"})
    assert (await verifier.verify(signed(provider, recruiter_id="r-1"))).recruiter == "r-1"
    assert (await verifier.verify(signed(provider, header={"typ": "at+jwt", "kid": "rsa"}))).subject == "u-1"
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 31},
        {"exp": None},
        {"exp": "9999999999"},
        {"nbf": NOW + 31},
        {"iat": NOW + 31},
        {"aud": "another"},
        {"aud": None},
        {"iss": "http://127.0.0.1"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
        {"talent_id": "T1", "recruiter_id": "r"},
        {"talent_id": "../T1"},
        {"talent_id": {"$ne": 1}},
    ],
)
async def test_what_is_not_for_us_or_not_now_is_refused(provider: Provider, claims: dict[str, object]) -> None:
    with pytest.raises(TokenError):
        await verifier_of(provider).verify(signed(provider, **claims))


async def test_clocks_may_differ_a_little(provider: Provider) -> None:
    assert await verifier_of(provider).verify(signed(provider, exp=NOW - 29, nbf=NOW + 29))


async def test_forged_tokens_are_refused(provider: Provider) -> None:
    verifier = verifier_of(provider)
    head, body, signature = signed(provider).split(".")
    forged = {
        "none": f"{part({'alg': 'none'})}.{body}.",
        "None": f"{part({'alg': 'None', 'kid': 'rsa'})}.{body}.{signature}",
        "no signature": f"{head}.{body}.",
        "other claims": f"{head}.{part(claims_of(provider, sub='admin'))}.{signature}",
        "the public key as a shared secret": by_shared_secret(RSA.as_pem(private=False), body),
        "its JWK as a shared secret": by_shared_secret(json.dumps(RSA.as_dict(private=False)).encode(), body),
        "a published shared secret": signed(provider, OCT),
        "a key for encryption": signed(
            provider, jwk.import_key({n: v for n, v in ENC.as_dict(private=True).items() if n != "use"})
        ),
        "a stranger's key under a known name": signed(provider, STRANGE),
        "a key in the header": signed(provider, STRANGE, {"jwk": STRANGE.as_dict(private=False)}),
        "an address in the header": signed(provider, STRANGE, {"jku": f"{provider.issuer}/evil", "x5u": "http://x"}),
        "a name that leads to a file": signed(provider, STRANGE, {"kid": "../../../../dev/null"}),
        "a name that is a query": signed(provider, STRANGE, {"kid": "rsa' OR '1'='1"}),
        "a name that is no text": signed(provider, STRANGE, {"kid": "rsa"}).replace(
            head, part({"alg": "RS256", "kid": 1})
        ),
        "another algorithm of the key": signed(provider, RSA, {"alg": "PS256"}),
        "an ID token": signed(provider, RSA, {"typ": "logout+jwt"}),
        "an extension that we must understand": signed(provider, RSA).replace(
            head, part({"alg": "RS256", "kid": "rsa", "crit": ["exp"], "exp": 1})
        ),
        "an encrypted token": f"{part({'alg': 'RSA-OAEP', 'enc': 'A128GCM', 'kid': 'enc'})}.a.b.c.d",
        "no token": "a.b.c",
        "not ASCII": "é.é.é",
        "too long": "a" * 9000 + ".b.c",
        "deep": f"{part({'alg': 'RS256'})}.{base64.urlsafe_b64encode(b'[' * 3000).decode()}.x",
    }
    for name, token in forged.items():
        with pytest.raises(TokenError):
            raise AssertionError(f"{name} was taken: {await verifier.verify(token)}")
    assert not [path for path in provider.asked if "evil" in path]


async def test_names_that_are_made_up_do_not_make_us_ask_again_and_again(provider: Provider) -> None:
    verifier = verifier_of(provider)
    for number in range(20):
        with pytest.raises(TokenError):
            await verifier.verify(signed(provider, STRANGE, {"kid": f"new-{number}"}))
    assert provider.asked.count("/keys") == 1


async def test_a_new_key_is_found_and_an_old_one_forgotten(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = verifier_of(provider, jwks_url=f"{provider.issuer}/keys")
    assert await verifier.verify(signed(provider))
    provider.keys = [new := jwk.RSAKey.generate_key(2048, {"kid": "new"})]
    monkeypatch.setattr(tokens, "AGAIN_SECONDS", 0.0)
    assert await verifier.verify(signed(provider, new))
    with pytest.raises(TokenError):
        await verifier.verify(signed(provider))
    assert await verifier.verify(signed(provider, new, {"kid": None}))


@pytest.mark.parametrize(
    ("status", "body"), [(500, None), (302, None), (200, b"x"), (200, b"[]"), (200, b"{}"), (200, b" " * 300_000)]
)
async def test_a_provider_that_fails_opens_nothing(provider: Provider, status: int, body: bytes | None) -> None:
    provider.status, provider.body = status, body
    with pytest.raises(IssuerError):
        await verifier_of(provider, timeout_seconds=2).verify(signed(provider))


async def test_known_keys_outlive_a_provider_that_is_away(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = verifier_of(provider)
    token = signed(provider)
    assert await verifier.verify(token)
    provider.status = 503
    monkeypatch.setattr(tokens, "REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(tokens, "AGAIN_SECONDS", 0.0)
    assert await verifier.verify(token)
    monkeypatch.setattr(tokens, "STALE_SECONDS", 0.0)
    with pytest.raises(IssuerError):
        await verifier.verify(token)


async def test_a_provider_that_calls_itself_otherwise_is_not_believed(provider: Provider) -> None:
    verifier = TokenVerifier(OidcSettings(issuer=f"{provider.issuer}/realm", timeout_seconds=2), clock=lambda: NOW)
    with pytest.raises(IssuerError):
        await verifier.verify(signed(provider, iss=f"{provider.issuer}/realm"))
