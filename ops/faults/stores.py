"""What a verification finds once a run is over."""

from collections.abc import Sequence

from ops.verify import Verification
from schemas.entities import ENTITIES
from schemas.settings import Settings
from streams.models.default_model import ensure_model
from streams.models.downloads import cache_dir
from streams.models.encoders import encoder_at


async def differences(settings: Settings) -> Sequence[str]:
    """Return what is in the stores and is not as the log says, or is lost."""

    def model() -> str:
        return encoder_at(ensure_model(cache_dir())).version

    found = []
    for entity in ENTITIES:
        async with Verification(settings, entity, model) as verification:
            report = await verification.check()
        found += [f"{d.replica} {d.entity} {d.id}: {d.kind} {', '.join(d.details)}" for d in report.differences]
        found += [f"{each.topic} {each.partition} {each.offset}: {each.reason}" for each in report.lost]
    return found
