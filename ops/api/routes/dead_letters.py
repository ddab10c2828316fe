"""`/v1/dead-letters`: what could not be processed, and redriving it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.paging import Cursor, Limit, Page, cursor_of, place_of
from ops.api.problems import Problem, problems, unavailable
from processors.access import Caller, allows
from processors.masking import mask_message
from streams import dead_letters
from streams.dead_letters import DeadLetter
from streams.letter_index import Listed, read_letters

router = APIRouter(tags=["dead letters"])
MAX_BYTES = 64 * 1024
MAX_REDRIVEN = 100
Reader = Annotated[Caller, require("dlq:read")]


class LetterBody(BaseModel):
    """A message that could not be processed, and why."""

    id: str = Field(examples=["talent-events/3/17/0a1b2c3d"])
    topic: str = Field(examples=["talent-events"])
    reason: str = Field(description="a code of docs/reference/errors.md", examples=["invalid_data"])
    detail: str
    failed_at: str
    bytes: int = Field(description="of the message's value")
    repeats: int = Field(description="how often the same message came again and failed again")


class LetterShown(LetterBody):
    """The same with the message. Without the scope `pii:read` what may be personal is hidden."""

    key: str | None
    headers: dict[str, str]
    value: str = Field(description=f"as text; the first {MAX_BYTES // 1024} KiB")


class Redrive(BaseModel):
    """Which letters to publish again to the topics they came from."""

    ids: list[str] = Field(min_length=1, max_length=MAX_REDRIVEN, examples=[["talent-events/3/17/0a1b2c3d"]])
    dry_run: bool = Field(default=False, description="only say what would be done")


class Redriven(BaseModel):
    """What was published again, or would be."""

    redriven: list[str]
    dry_run: bool


def shown(listed: Listed) -> LetterBody:
    """Return a letter without its message."""
    names = ("id", "topic", "reason", "detail", "failed_at", "bytes")
    return LetterBody(**{name: getattr(listed, name) for name in names}, repeats=len(listed.repeats))


@router.get("/v1/dead-letters", summary="Dead letters that nobody has settled", responses=problems(401, 403, 422, 503))
async def list_letters(api: Opened, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[LetterBody]:
    """List what could not be processed, the last one first; the last 10,000 are known."""
    require_sight(api)
    before = place_of(api, "dead letters", cursor)
    found = await api.views.letters.pending(api.database, before=before, limit=limit + 1)
    items = [shown(each) for each in found[:limit]]
    return Page(items=items, next=cursor_of(api, "dead letters", items[-1].id) if len(found) > limit else None)


@router.post(
    "/v1/dead-letters/redrive", summary="Publish dead letters again", responses=problems(401, 403, 404, 409, 422, 503)
)
async def redrive(api: Opened, caller: Annotated[Caller, require("dlq:redrive")], wanted: Redrive) -> Redriven:
    """Publish letters again to the topics they came from, as they were, and remember that they are settled."""
    letters = await _letters(api, list(dict.fromkeys(wanted.ids)))
    if not wanted.dry_run:
        await api.audit.record("dead_letters.redriven", caller=caller.audited, about=[each.id for each in letters])
        await dead_letters.redrive(api.settings.kafka, api.database, letters)
    return Redriven(redriven=[letter.id for letter in letters], dry_run=wanted.dry_run)


@router.get("/v1/dead-letters/{id:path}", summary="One dead letter", responses=problems(401, 403, 404, 422, 503))
async def read_letter(api: Opened, caller: Reader, id: str) -> LetterShown:
    """Show a dead letter with its message."""
    (letter,) = await _letters(api, [id])
    is_whole = allows(caller, "pii:read")
    if is_whole:
        await api.audit.record("dead_letters.read", caller=caller.audited, about=letter.id)
    value = letter.value if is_whole else mask_message(letter.topic, letter.value)
    key = (letter.key or b"").decode(errors="backslashreplace") if is_whole else None
    headers = {name: text.decode(errors="backslashreplace") for name, text in letter.headers} if is_whole else {}
    return LetterShown(
        id=letter.id,
        topic=letter.topic,
        reason=letter.reason,
        detail=letter.detail,
        failed_at=letter.failed_at,
        bytes=len(letter.value or b""),
        repeats=len(letter.repeats),
        key=key,
        headers=headers,
        value=(value or b"")[:MAX_BYTES].decode(errors="backslashreplace"),
    )


async def _letters(api: Api, ids: list[str]) -> list[DeadLetter]:
    require_sight(api)
    listed = [found for each in ids if (found := await api.views.letters.find(api.database, each))]
    letters = [each for each in await read_letters(api.settings.kafka, listed) if not _names_forgotten(api, each)]
    if missing := len(ids) - len(letters):
        raise Problem(404, "not_found", f"{missing} of them are no dead letters, are settled, or are gone")
    return letters


def _names_forgotten(api: Api, letter: DeadLetter) -> bool:
    """Whether it is of a person who was forgotten, and will be erased."""
    return api.reads.is_forgotten("talent", (letter.key or b"").decode("utf-8", "replace").partition("|")[0])


def require_sight(api: Api) -> None:
    """Raise Problem, 503, until the topic has been read once: half a list would pass for the whole."""
    if not api.views.tail.begun.is_set():
        raise unavailable("unavailable", "the dead letters are still being read; repeat the request")
