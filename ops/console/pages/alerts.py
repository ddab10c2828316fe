"""Alert rules: those that fire first, since when and by what value; and what to do about each."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from ops.alerts import runbook, templates
from ops.api.problems import Problem
from ops.console.markdown import as_html
from ops.console.page import Page, reader_language, render, root_of
from ops.console.state import ConsoleOpened
from ops.console.visitor import having
from processors.access import Caller

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Reader = Annotated[Caller, having("status:read")]


@router.get("/alerts")
async def alerts_page(request: Request, console: ConsoleOpened, visitor: Reader) -> Response:
    """Show how each rule stands."""
    board = await console.alerts.board()
    language = reader_language(request)
    meanings = {each.rule.name: as_html(runbook.meaning(each.rule.name, language), {}) for each in board.rules}
    return render(request, "alerts.html", visitor, board=board, meanings=meanings, humanize=templates.humanize)


@router.get("/alerts/{name}")
async def alert_page(
    request: Request, console: ConsoleOpened, visitor: Reader, name: Annotated[str, Path(max_length=200)]
) -> Response:
    """Show a rule, its alerts, and what the runbook says."""
    board = await console.alerts.board()
    found = next((each for each in board.rules if each.rule.name == name), None)
    if found is None:
        raise Problem(404, "not_found", "there is no such rule")
    places = {f"#{each.lower()}": f"{root_of(request)}alerts/{each}" for each in runbook.sections("en")}
    section = runbook.sections(reader_language(request)).get(name)
    return render(
        request,
        "alert.html",
        visitor,
        each=found,
        expression=found.rule.expression.prettify(),
        runbook=as_html(section, places) if section else None,
        humanize=templates.humanize,
    )
