"""`GET /v1/docs`: every route, for people."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ops.api.docs_page import POLICY, page

router = APIRouter(include_in_schema=False)


@router.get("/v1/docs")
async def read_docs(request: Request) -> HTMLResponse:
    """Show the OpenAPI document."""
    return HTMLResponse(page(request.app.openapi()), headers={"content-security-policy": POLICY})
