"""Instances of services on other hosts: asked like any target, left alone while they fail."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout

from connectors.bodies import read_within
from connectors.providers.targets import Lease, Target, Targets
from ops.services.errors import AiError
from processors.gateway.instances import Instances
from processors.gateway.plan import RetryBudget
from schemas.completions import ProviderError
from schemas.services import Instance, Service

CONNECT_SECONDS = 1.0
MAX_BYTES = 16 * 1024 * 1024
KEPT_SECONDS = 600.0


class Remote:
    """One instance."""

    def __init__(self, instance: Instance, session: ClientSession, key: str | None) -> None:
        self.name = instance.instance
        self.url = instance.url
        self._session = session
        self._address = f"{instance.url.rstrip('/')}/v1/ai/{instance.service}"
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    async def ask(self, body: bytes) -> dict[str, Any]:
        """Return its answer. Raises ProviderError; AiError for what it refuses and every other would."""
        try:
            async with self._session.post(
                self._address,
                data=body,
                headers=self._headers,
                timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                allow_redirects=False,
            ) as response:
                said = await read_within(response, MAX_BYTES)
                status = response.status
        except ClientError as error:
            raise ProviderError(type(error).__name__) from error
        if said is None:
            raise ProviderError(f"the answer is larger than {MAX_BYTES} bytes")
        try:
            answer = orjson.loads(said)
        except ValueError:
            raise ProviderError("the answer is no JSON") from None
        if not isinstance(answer, dict):
            raise ProviderError("the answer is no JSON object")
        if 400 <= status < 500 and status not in (401, 403, 408, 429):
            raise AiError(status, str(answer.get("code", "refused"))[:64], str(answer.get("detail", ""))[:300])
        if status != 200:
            raise ProviderError(f"HTTP {status}")
        return answer


class Remotes:
    """The instances of each service that are there now; how each does is remembered while it is."""

    def __init__(self, instances: Instances, session: ClientSession, key: str | None) -> None:
        self._instances, self._session, self._key = instances, session, key
        self._targets: dict[tuple[str, str], tuple[Target[Remote], float]] = {}
        self._retries = RetryBudget()

    def of(self, service: Service) -> Targets[Remote]:
        """Return whom to ask for a service."""
        now = time.monotonic()
        found = [self._target(each, now) for each in self._instances.of(service, now)]
        self._targets = {key: each for key, each in self._targets.items() if now - each[1] < KEPT_SECONDS}
        return Targets(found, self._retries)

    def names(self, service: Service) -> Sequence[str]:
        """Return the names of a service's instances."""
        return [each.instance for each in self._instances.of(service, time.monotonic())]

    async def ask(self, service: Service, body: bytes, seconds: float) -> tuple[str, dict[str, Any]]:
        """Return who answers, and what. Raises NoAnswerError, AiError."""

        async def call(remote: Remote, _: bool, lease: Lease) -> tuple[str, dict[str, Any]]:
            answer = await remote.ask(body)
            lease.answers()
            lease.succeeded()
            return remote.name, answer

        until = asyncio.get_running_loop().time() + seconds
        return await self.of(service).first(lambda _: True, call, until, lambda _: CONNECT_SECONDS, halves=True)

    def _target(self, instance: Instance, now: float) -> Target[Remote]:
        key = (instance.instance, instance.url)
        target = self._targets[key][0] if key in self._targets else None
        target = target or Target(Remote(instance, self._session, self._key))
        self._targets[key] = (target, now)
        return target
