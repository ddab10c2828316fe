"""The AI services of one process: its gateway, what answers here, and the instances elsewhere."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, TCPConnector
from pydantic import BaseModel

from connectors.providers.chain import CONNECTIONS, opened
from connectors.providers.health import checked
from connectors.publisher import EventPublisher
from ops.services.catalogue import CATALOGUE
from ops.services.gateway import Gateway
from ops.services.house import House, HouseEmbedder, Search, house
from ops.services.metering import Client, Meter
from ops.services.remote import Remotes
from ops.services.usage import usage_log
from processors.gateway.instances import Instances
from schemas.services import Service
from schemas.settings import Settings
from sinks.limit_cells import LimitCells
from streams.instances import listened


@dataclass(slots=True)
class Ai:
    """What the routes of AI services work with."""

    gateway: Gateway
    here: House
    remotes: Remotes
    seconds: float

    async def ask(self, client: Client, service: Service, request: BaseModel) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the answer of a service, and its headers: of an instance elsewhere if there is one, else from here.

        Raises AiError, BadMessageError and what else the service raises.
        """
        async with self.gateway.call(client, service, service) as call:
            if self.remotes.names(service):
                call.provider, answer = await self.remotes.ask(
                    service, request.model_dump_json(exclude_unset=True).encode(), self.seconds
                )
            else:
                call.provider = "looma"
                answer = await CATALOGUE[service].answer(self.here, request)
            return answer, call.reservation.headers


@asynccontextmanager
async def open_ai(
    settings: Settings, publisher: EventPublisher, cells: LimitCells, search: Search | None = None
) -> AsyncIterator[Ai]:
    """Open the services for the block. Raises ProviderSettingsError."""
    async with AsyncExitStack() as stack:
        providers = await stack.enter_async_context(opened(settings.providers))
        session = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=CONNECTIONS)))
        instances: Instances = await stack.enter_async_context(listened(settings.kafka))
        here = await stack.enter_async_context(house(settings, search))
        log = await stack.enter_async_context(usage_log(publisher))
        key = settings.gateway.service_key
        gateway = Gateway(providers, settings.gateway, Meter(cells, settings.gateway), log, HouseEmbedder(here))
        await stack.enter_async_context(checked(gateway.targets))
        yield Ai(
            gateway,
            here,
            Remotes(instances, session, key.get_secret_value() if key else None),
            settings.gateway.deadline_seconds,
        )
