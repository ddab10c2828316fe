"""OpenAI's API: chat completions, embeddings and models, for clients that speak it already."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.leaving import LEFT, EventResponse, unless_left
from ops.api.problems import problem_of, problems
from ops.services.errors import AiError
from ops.services.metering import Client
from processors.access import Caller
from schemas.services import ChatRequest, EmbeddingsRequest

T = TypeVar("T", bound=BaseModel)
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


class OpenAIRoute(APIRoute):
    """Says what is wrong as OpenAI's clients expect it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with errors as answers."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                return refusal(error)

        return handle


def client_of(caller: Caller) -> Client:
    """Return whose limits count, under the name that the audit log has, too: it is no person's."""
    return Client(caller.audited, caller.tokens)


def refusal(error: Exception) -> Response:
    """Return an error in OpenAI's form."""
    if isinstance(error, AiError):
        status, code, detail, headers = error.status, error.code, str(error), error.headers
    else:
        problem = problem_of(error)
        status, code, detail, headers = problem.status, problem.code, str(problem), problem.headers
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    body = {"error": {"message": detail, "type": kind, "param": None, "code": code}}
    return Response(orjson.dumps(body), status, {**headers, "cache-control": "no-store"}, "application/json")


router = APIRouter(tags=["openai"], route_class=OpenAIRoute)
_EXAMPLE = {"model": "looma", "messages": [{"role": "user", "content": "把这句话说得更专业：我会写 Java"}]}


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {name: {"type": ["string", "null"]} for name in ("message", "type", "param", "code")},
            }
        },
    }
    told = problems(*statuses)  # what stands around a route tells
    for answer in told.values():
        answer["content"] = {"application/json": {"schema": schema}, **answer["content"]}
    return told


def _body(model: type[BaseModel], example: Any) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


async def read(request: Request, model: type[T]) -> T:
    """Return what a request says. Raises AiError, 400, that names places and no value."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        told = [f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}" for each in error.errors()[:5]]
        unknown = any(each["type"] == "extra_forbidden" for each in error.errors())
        told = [text for text, each in zip(told, error.errors(), strict=False) if each["type"] != "extra_forbidden"]
        if unknown:
            told.append("a parameter that is not supported; addresses and keys of providers come from settings only")
        raise AiError(400, "invalid_request", "; ".join(told)) from None


@router.post(
    "/openai/v1/chat/completions",
    summary="Complete a chat",
    responses=_errors(400, 401, 403, 404, 413, 422, 429, 503),
    openapi_extra=_body(ChatRequest, _EXAMPLE),
)
async def chat_completions(request: Request, api: Opened, caller: Annotated[Caller, require("ai:chat")]) -> Response:
    """Answer at once, or with `stream` as server-sent events.

    A stream that breaks off ends with an error event, without `[DONE]`, and the connection is cut.
    """
    return await completed(request, api, caller, await read(request, ChatRequest))


async def completed(request: Request, api: Api, caller: Caller, asked: ChatRequest) -> Response:
    """Return the completion of a chat. Raises AiError."""
    gateway = api.ai.gateway
    if asked.stream:
        stream = await unless_left(request, gateway.stream(client_of(caller), asked, fresh=fresh(request)))
        return EventResponse(stream) if stream else Response(status_code=LEFT)
    answered = await unless_left(request, gateway.chat(client_of(caller), asked, fresh=fresh(request)))
    return answer_of(answered.body, answered.headers) if answered else Response(status_code=LEFT)


@router.post(
    "/openai/v1/embeddings",
    summary="Embed texts",
    responses=_errors(400, 401, 403, 404, 413, 422, 429, 503),
    openapi_extra=_body(EmbeddingsRequest, {"model": "looma", "input": ["数据工程师", "data engineer"]}),
)
async def embeddings(request: Request, api: Opened, caller: Annotated[Caller, require("ai:use")]) -> Response:
    """Return a vector for each text: of a provider of embeddings, or of the model that records are embedded with."""
    asked = await read(request, EmbeddingsRequest)
    answered = await unless_left(request, api.ai.gateway.embed(client_of(caller), asked, fresh=fresh(request)))
    return answer_of(answered.body, answered.headers) if answered else Response(status_code=LEFT)


@router.get("/openai/v1/models", summary="List models", responses=_errors(401, 403))
async def models(api: Opened, caller: Annotated[Caller, require("ai:use")]) -> Response:
    """List what `model` may be, beside `looma`, which stands for any."""
    names = dict.fromkeys(["looma", *(each["id"] for each in api.ai.gateway.models())])
    found = [{"id": name, "object": "model", "created": 0, "owned_by": "looma"} for name in names]
    return answer_of({"object": "list", "data": found}, {})


def answer_of(body: dict[str, Any], headers: dict[str, str]) -> Response:
    """Return an answer as JSON."""
    return Response(orjson.dumps(body), 200, {**headers, "cache-control": "no-store"}, "application/json")


def fresh(request: Request) -> bool:
    """Whether a caller wants no answer that was kept."""
    wanted = request.headers.get("cache-control", "").lower()
    return "no-cache" in wanted or "no-store" in wanted
