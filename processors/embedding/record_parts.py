"""The items of a record: each has a vector, so that what a job demands is compared one by one."""

from collections.abc import Mapping
from typing import Any

from processors.embedding.texts import beginning, compared_title, recent, said
from processors.fairness import anonymous, impartial, private_words
from processors.lexicon.markup import plain_text
from processors.matching.reading.items import parts, work_parts
from schemas.entities import Side

MAX_PARTS = 24
"""Of a longer text neighbours share an item. Measured, see docs/benchmarks/matching.md."""

_READ_CHARACTERS = 4000


def record_parts(entity: Side, fields: Mapping[str, Any], most: int = MAX_PARTS) -> list[str]:
    """Return what a talent has done, or what a job demands, in at most `most` texts.

    Of a talent the summary and the newest positions, or else the resume, made `impartial`; what identifies the person
    is cut. Of a job what its description insists on. Skills stand in where there is none of these: they are compared
    by the taxonomy.
    """
    title = compared_title(entity, fields)
    if entity == "job":
        told = plain_text(said(fields, "description"))
    else:
        positions = [said(e, key) for e in recent(fields.get("employments") or ()) for key in ("title", "description")]
        told = "\n".join(filter(None, [said(fields, "summary"), *positions])) or said(fields, "resume_text")
        # Cut before the end is, or else the length of an employer's name would move it.
        told = impartial(anonymous(beginning(told, 2 * _READ_CHARACTERS), private_words(fields)), fields)
    told = beginning(told, _READ_CHARACTERS) or "\n".join(sorted(s["name"] for s in fields.get("skills") or ()))
    return (work_parts if entity == "job" else parts)(f"{title}\n{told}", most)
