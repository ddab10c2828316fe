"""What a verification finds once a run is over, and repairs."""

from collections.abc import AsyncIterator, Sequence

from ops.verify import Report, Verification
from schemas.entities import ENTITIES
from schemas.settings import Settings
from streams.models.default_model import ensure_model
from streams.models.downloads import cache_dir
from streams.models.encoders import encoder_at


async def differences(settings: Settings) -> Sequence[str]:
    """Return what is in the stores and is not as the log says, or is lost."""
    found = []
    async for _, report in _verified(settings):
        found += [f"{d.replica} {d.entity} {d.id}: {d.kind} {', '.join(d.details)}" for d in report.differences]
        found += [f"{each.topic} {each.partition} {each.offset}: {each.reason}" for each in report.lost]
    return found


async def repair(settings: Settings) -> int:
    """Bring what differs to what the log says, as `looma sync verify --repair` does; return how many records did."""
    repaired = 0
    async for verification, report in _verified(settings):
        if not report.is_consistent:
            repaired += (await verification.repair(report)).repaired
    return repaired


async def _verified(settings: Settings) -> AsyncIterator[tuple[Verification, Report]]:
    def model() -> str:
        return encoder_at(ensure_model(cache_dir())).version

    for entity in ENTITIES:
        async with Verification(settings, entity, model) as verification:
            yield verification, await verification.check()
