"""The eight AI services, each by one address."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ops.api.access import require
from ops.api.context import Opened
from ops.api.leaving import LEFT, unless_left
from ops.api.problems import Problem, problems
from ops.api.routes.openai import answer_of, client_of, completed
from ops.api.routes.search import require_kind, shown_hits
from ops.services.catalogue import CATALOGUE, ServiceSpec
from ops.services.errors import AiError
from ops.services.search import Question
from processors.access import Caller
from schemas.services import ChatRequest

router = APIRouter(tags=["ai"])
_REFUSALS = problems(400, 401, 403, 404, 409, 413, 422, 429, 503)


def _problem(error: AiError) -> Problem:
    return Problem(error.status, error.code, str(error), headers=error.headers)


@router.post("/v1/ai/chat", name="ai_chat", summary="Complete a chat", responses=_REFUSALS)
async def chat(
    request: Request, api: Opened, caller: Annotated[Caller, require("ai:chat")], asked: ChatRequest
) -> Response:
    """Answer a chat as `/openai/v1/chat/completions` does, with problems in place of OpenAI's errors."""
    try:
        return await completed(request, api, caller, asked)
    except AiError as error:
        raise _problem(error) from None


@router.get(
    "/v1/ai/models", name="ai_models", summary="List models and how their providers do", responses=problems(401, 403)
)
async def models(api: Opened, caller: Annotated[Caller, require("ai:use")]) -> Response:
    """List every model, who serves it, and whether that provider is left alone at the moment (`open`)."""
    services = {name: list(api.ai.remotes.names(name)) for name in CATALOGUE}
    return answer_of({"models": api.ai.gateway.models(), "instances": services}, {})


def _route(spec: ServiceSpec) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def ask(request: Request, api: Opened, caller: Caller, asked: Any) -> Response:
        is_search = isinstance(asked, Question)
        if is_search:
            require_kind(caller, asked.kind)
        try:
            found = await unless_left(request, api.ai.ask(client_of(caller), spec.name, asked))
        except AiError as error:
            raise _problem(error) from None
        if found and is_search:
            shown = {name: await shown_hits(api, caller, asked.kind, found[0][name]) for name in ("hits", "near")}
            found = ({**found[0], **shown}, found[1])
        return answer_of(*found) if found else Response(status_code=LEFT)

    ask.__annotations__ |= {"caller": Annotated[Caller, require(spec.scope)], "asked": spec.takes}
    ask.__doc__ = spec.answer.__doc__
    ask.__name__ = spec.name
    return ask


for _spec in CATALOGUE.values():
    router.post(f"/v1/ai/{_spec.name}", name=f"ai_{_spec.name}", summary=_spec.summary, responses=_REFUSALS)(
        _route(_spec)
    )
