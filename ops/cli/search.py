"""`looma search`: talents, jobs and resumes by meaning, by words, or both."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any

import click
from rich.text import Text

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.hits import Hit
from ops.cli.search_words import WORDS
from processors.matching.profile import EDUCATION_RANKS
from processors.search.criteria import FACETS, MAX_WINDOW, Kind, Mode, parse_range
from schemas.base import Language

if TYPE_CHECKING:
    from streams.search.request import Request

MAX_LINE = 100_000
KINDS: dict[str, Kind] = {"talents": "talent", "jobs": "job", "resumes": "resume"}
_MISSING = 3
"""Missing words that are told; of a long query most are missing."""
_EDUCATION = {rank: name for name, rank in EDUCATION_RANKS.items()}


class Range(click.ParamType):
    """A range of numbers."""

    name = "range"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, or say how it is written."""
        try:
            return value if isinstance(value, tuple) else parse_range(value)
        except ValueError:
            self.fail(f"{value}: a range is 3-8, 3-, -8, 20k-30k or 2万-3万", param, ctx)


def _criteria_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--place", multiple=True, help="One of these places, in any spelling: 上海, Shanghai."),
        click.option("--years", type=Range(), default=(None, None), metavar="RANGE", help="3-8, 3- or -8."),
        click.option("--salary", type=Range(), default=(None, None), metavar="RANGE", help="Monthly, CNY: 20k-30k."),
        click.option(
            "--education",
            type=click.Choice(list(EDUCATION_RANKS)),
            help="Talents with at least this degree, jobs that demand no more.",
        ),
        click.option("--language", type=click.Choice(["zh", "en"])),
        click.option("--status", multiple=True, help="Default: open jobs, active and passive talents; `any` for all."),
        click.option("--fresh", type=click.IntRange(1, 36500), metavar="DAYS", help="Updated within so many days."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("query", required=False, default="")
@click.option("--in", "where", required=True, type=click.Choice(list(KINDS)))
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "semantic", "keyword"]),
    default="hybrid",
    show_default=True,
    help="By meaning, by words (BM25), or both fused by rank.",
)
@_criteria_options
@click.option("--facet", "facets", multiple=True, type=click.Choice(list(FACETS)), help="Count the values of this.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--page", default=1, show_default=True, type=click.IntRange(1, MAX_WINDOW))
@click.option(
    "--like", metavar="ID", help="Instead of a query: what is like this talent, job or resume (id of its talent)."
)
@click.option(
    "--queries",
    type=click.File("r", "utf-8"),
    help="Instead of a query: a file with one a line, `-` for what comes in; an answer a line, as JSON.",
)
@click.option("--rerank", is_flag=True, help="Order the first 20 again, line by line: slower, title first.")
@json_option
@run
async def search(
    query: str,
    where: str,
    mode: "Mode",
    place: tuple[str, ...],
    years: Any,
    salary: Any,
    education: str | None,
    language: str | None,
    status: tuple[str, ...],
    fresh: int | None,
    facets: tuple[str, ...],
    limit: int,
    page: int,
    like: str | None,
    queries: IO[str] | None,
    rerank: bool,
    as_json: bool,
) -> None:
    """Search talents, jobs or resumes; Chinese finds English and the other way round.

    \b
    looma search "Java 后端 微服务" --in talents --place 上海 --years 3-8 --facet skill
    looma search "someone to run our Kubernetes clusters" --in talents --mode semantic
    looma search "churn model at an insurer" --in resumes --education master
    looma search --in jobs --like J0001 --json
    looma search --in talents --queries queries.txt > answers.jsonl

    Filters hold for every hit; a record that does not say what a filter asks for is left out. Facets count all that
    the filters admit, whatever the query. A resume is found by its best part, which is shown, and has the facts of its
    talent; a talent has one, the newest.

    A hit is a strong or a partial match. What is only near comes below; where the filters leave nothing, what there
    would be without them. What has nothing to do with the query is not shown. Words that nobody has are read as typing
    errors or as pinyin, if that finds more. Exit code 1: what was asked for cannot be searched.
    """
    from processors.matching.filters import OPEN_STATUSES
    from processors.search.criteria import Criteria
    from streams.search.request import Request
    from streams.search.session import search_session

    kind = KINDS[where]
    if [bool(query.strip()), like is not None, queries is not None].count(True) != 1:
        raise click.UsageError("give either a query, --like ID or --queries FILE")
    statuses = () if "any" in status else status or tuple(OPEN_STATUSES["job" if kind == "job" else "talent"])
    since = datetime.now(UTC) - timedelta(days=fresh) if fresh else None
    criteria = Criteria.of(
        place=place,
        years=years,
        salary=salary,
        education=education,
        language=language,
        statuses=statuses,
        updated_since=since,
    )
    request = Request(kind, query, like, mode, criteria, limit, page, facets, rerank)
    async with search_session(load_settings(), follow_rollouts=queries is not None) as ask:
        if queries is None:
            answer = await ask(request)
        while queries and (line := await asyncio.to_thread(queries.readline, MAX_LINE)):
            if text := line.strip():
                answer = await ask(replace(request, text=text))
                click.echo(json.dumps({"query": text, **answer}, ensure_ascii=False))
    if queries:
        return
    if as_json:
        print_json(answer)
    else:
        _show(answer, request)


def _show(answer: dict[str, Any], asked: "Request") -> None:
    from processors.lexicon.places import place_label
    from processors.lexicon.script import detect_language

    language: Language = detect_language(asked.text) if asked.text else "en"
    words = WORDS[language]
    what = words[asked.kind]
    query = f"“{asked.text}”" if asked.text else asked.like
    if answer["searched"] not in ("", asked.text.strip()):
        console.print(words["read as"].format(query=query, meant=f"“{answer['searched']}”"))
    if answer["hits"]:
        console.print(words["found"].format(query=query, page=answer["page"], admitted=f"{answer['admitted']:,}"))
    elif answer["page"] > 1:
        console.print(words["no more"])
    else:
        where = words["between"].join(place_label(place, language) for place in asked.criteria.places)
        console.print(words["none in" if where else "none"].format(what=what, query=query, where=where))
        if not answer["near"]:
            console.print(words["hint"])
    for hit in answer["hits"]:
        console.print(_hit(hit, language))
    for outside, hits in groupby(answer["near"], key=lambda hit: tuple(hit["outside"])):
        console.print()
        dropped = words["between"].join(words[name] for name in outside)
        console.print(words["outside" if outside else "near"].format(dropped=dropped), style="bold")
        for hit in hits:
            console.print(_hit(hit, language))
    for name, values in answer["facets"].items():
        told = (f"{_EDUCATION.get(v['value'], v['value']) if name == 'education' else v['value']} {v['count']:,}"
                for v in values)  # fmt: skip
        console.print(f"{name}  " + " · ".join(told), highlight=False)


def _hit(hit: dict[str, Any], language: Language) -> Hit:
    """Return a hit to print: what of the query it has and lacks, then the facts."""
    from processors.lexicon.places import place_label

    words = WORDS[language]
    has: dict[str, list[str]] = {}
    for term in hit["matched"]:
        has.setdefault(term["kind"], []).append(term["text"])
    said = [Text(f"{words[kind]} {words['between'].join(texts)}", style="bold") for kind, texts in has.items()]
    if not said:
        said.append(Text(words["by meaning"]))
    if missing := [term["text"] for term in hit["missing"][:_MISSING]]:
        said.append(Text(f"{words['lacks']} {words['between'].join(missing)}", style="dim"))
    if hit["locations"]:
        said.append(Text(words["between"].join(place_label(place, language) for place in hit["locations"])))
    if years := _range(hit["years"], hit["years_max"]):
        said.append(Text(words["experience"].format(years=years)))
    if pay := _range(_thousands(hit["salary_min"]), _thousands(hit["salary_max"]), unit="k"):
        said.append(Text(words["pay"].format(pay=pay)))
    return Hit(hit["band"], hit["title"] or "", hit["id"], said, language)


def _range(low: float | None, high: float | None, unit: str = "") -> str:
    if low is None and high is None:
        return ""
    if low == high or high is None:
        return f"{low:g}{unit}"
    return f"{low or 0:g}–{high:g}{unit}"


def _thousands(pay: float | None) -> float | None:
    return None if pay is None else round(pay / 1000)
