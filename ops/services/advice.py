"""Advice on a resume: experience, quality with reasons, skills to add."""

import asyncio
from datetime import date
from typing import Annotated, Any

from pydantic import StringConstraints

from ops.services.documents import Document
from ops.services.house import House


class Advised(Document):
    """A resume, and the ad of the job aimed at, if there is one."""

    ad_title: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    ad: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] | None = None


async def answer(house: House, request: Advised) -> dict[str, Any]:
    """Return the advice, in the resume's language. Raises BadMessageError."""
    document = await house.document(request.data)
    return await asyncio.to_thread(_advice, document, request)


def _advice(document: Any, request: Advised) -> dict[str, Any]:
    from connectors.resumes.profile import profile_of
    from processors.advice import Corpus, ad_job, advise, target_job

    target = corpus = None
    if request.ad is not None:
        target = target_job(ad_job("ad", request.ad_title or request.ad.strip().splitlines()[0][:100], request.ad))
        corpus = Corpus.of(())
    found = advise(profile_of(document), document.text, target=target, corpus=corpus, today=date.today())
    return found.model_dump(mode="json")
