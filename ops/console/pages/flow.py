"""The pipeline as a picture, with rates, lag, durations, errors and the last hours; live."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request, Response

from ops.api.context import Opened
from ops.api.event_stream import EventStream
from ops.console import drawing
from ops.console.flow.durations import Stage
from ops.console.flow.history import History, Verdict
from ops.console.flow.sampler import READ, Flow
from ops.console.live import alive, none_to_close, parts
from ops.console.page import Page, render
from ops.console.state import ConsoleOpened
from ops.console.visitor import having
from processors.access import Caller
from schemas.topics import DEAD_LETTERS, IDENTITIES, MATCH_REQUESTS, MATCH_RESULTS, RESUMES

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Reader = Annotated[Caller, having("status:read")]
WIDTH, HEIGHT = 1080, 364
BOX_WIDTH, BOX_HEIGHT = 184, 72
_COLUMNS = (0, 224, 448, 672, 896)
_ROWS = (0, 92, 184, 276)
SPARK_SECONDS = 1800.0
HISTORY_SECONDS = 6 * 3600.0


class Node(NamedTuple):
    """A box of the picture. `topic` is what its stages read, or what is published into it."""

    topic: str
    x: int
    y: int
    kind: str


class Edge(NamedTuple):
    """A line between two boxes, and whose messages flow along it."""

    path: str
    topic: str


def _at(topic: str, column: int, row: int, kind: str = "stage") -> Node:
    return Node(topic, _COLUMNS[column], _ROWS[row] + 8, kind)


NODES = (
    _at("sources", 0, 1, "sources"),
    _at(RESUMES, 0, 3),
    _at("talent-events", 1, 0),
    _at("job-events", 1, 1),
    _at("company-events", 1, 2),
    _at("talent-records", 2, 0),
    _at("job-records", 2, 1),
    _at("company-records", 2, 2),
    _at(MATCH_REQUESTS, 3, 1),
    _at(MATCH_RESULTS, 4, 1, "result"),
    _at(IDENTITIES, 4, 2, "result"),
    _at(DEAD_LETTERS, 4, 3, "letters"),
)
_FLOWS = (
    ("sources", "talent-events", "talent-events"),
    ("sources", "job-events", "job-events"),
    ("sources", "company-events", "company-events"),
    (RESUMES, "talent-events", RESUMES),
    ("talent-events", "talent-records", "talent-records"),
    ("job-events", "job-records", "job-records"),
    ("company-events", "company-records", "company-records"),
    ("talent-records", MATCH_REQUESTS, MATCH_REQUESTS),
    ("job-records", MATCH_REQUESTS, MATCH_REQUESTS),
    (MATCH_REQUESTS, MATCH_RESULTS, MATCH_RESULTS),
    ("talent-records", IDENTITIES, IDENTITIES),
    ("company-records", IDENTITIES, IDENTITIES),
)


def _edges() -> tuple[Edge, ...]:
    at = {node.topic: node for node in NODES}
    down = f"M{BOX_WIDTH // 2} {at['sources'].y + BOX_HEIGHT} V{at[RESUMES].y}"
    return (Edge(down, RESUMES), *(Edge(_path(at[a], at[b]), topic) for a, b, topic in _FLOWS))


def _path(a: Node, b: Node) -> str:
    """Return the way from a box to another: across the gap behind the first, then straight on."""
    half = BOX_HEIGHT // 2
    begin, gap_end = a.x + BOX_WIDTH, a.x + _COLUMNS[1]
    return f"{drawing.curve(begin, a.y + half, gap_end, b.y + half)} H{b.x}"


EDGES = _edges()


class Row(NamedTuple):
    """A topic that workers read, and how its stages stand."""

    topic: str
    verdict: Verdict
    published: float
    handled: float
    lag: int
    stage: Stage | None
    spark: drawing.Line


def rows(flow: Flow) -> list[Row]:
    """Return how each topic's stages stand, in the order in which events flow."""
    history = flow.history
    last = history.last
    return [
        Row(
            topic,
            history.verdict(topic, group),
            history.published(topic),
            history.handled(topic),
            last.lag.get(topic, 0) if last else 0,
            flow.stages.get(f"process {topic}") or flow.stages.get(f"resolve {topic}"),
            drawing.line(_late(history, topic), 120, 24, span=SPARK_SECONDS),
        )
        for topic, group in READ.items()
    ]


def _late(history: History, topic: str) -> list[tuple[float, float]]:
    series = history.series(topic, of="published")
    since = series[-1][0] - SPARK_SECONDS if series else 0
    return [point for point in series if point[0] >= since]


class Chart(NamedTuple):
    """A line of the last hours."""

    topic: str
    line: drawing.Line
    begun: float


def _charts(history: History) -> dict[str, list[Chart]]:
    """Return, of rates and of lag, the topics that had any in the last hours."""
    found: dict[str, list[Chart]] = {"published": [], "lag": []}
    for topic in history.topics:
        for of in ("published", "lag"):
            if of == "lag" and topic not in READ:
                continue
            series = history.series(topic, of="lag" if of == "lag" else "published")
            drawn = drawing.line(series, 600, 64, span=HISTORY_SECONDS)
            if drawn.greatest:
                found[of].append(Chart(topic, drawn, series[0][0]))
    return found


def _context(flow: Flow) -> dict[str, Any]:
    last = flow.history.last
    by_topic = {row.topic: row for row in rows(flow)}
    return {
        "last": last,
        "nodes": NODES,
        "edges": EDGES,
        "rows": by_topic,
        "published": {topic: flow.history.published(topic) for topic in flow.history.topics},
        "charts": _charts(flow.history),
        "width": WIDTH,
        "height": HEIGHT,
        "box": (BOX_WIDTH, BOX_HEIGHT),
        "letters": flow.letters,
        "workers": dict(last.workers) if last else {},
    }


@router.get("/flow")
async def flow_page(request: Request, console: ConsoleOpened, visitor: Reader) -> Response:
    """Show the pipeline."""
    return render(request, "flow.html", visitor, **_context(console.flow))


@router.get("/flow/live")
async def flow_live(request: Request, api: Opened, console: ConsoleOpened, visitor: Reader) -> Response:
    """Send the pipeline as it stands, again and again."""

    async def chunks() -> AsyncIterator[bytes]:
        async with console.flow.watched():
            while True:
                page = render(request, "flow_now.html", visitor, **_context(console.flow))
                yield parts({"flow": bytes(page.body).decode()})
                await console.flow.changed()

    return EventStream(alive(chunks()), api.stopping, none_to_close)
