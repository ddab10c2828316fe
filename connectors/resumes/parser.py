"""The process that parses resumes: `python -m connectors.resumes.parser BYTES_OF_MEMORY`. It imports little else."""

import sys
from datetime import date
from typing import Any

from connectors.documents.model import Document
from connectors.documents.serve import Answer, serve
from connectors.resumes.profile import parse_submission
from processors.lexicon import kept_words


def main() -> None:
    """Serve until standard input ends."""
    serve(_prepare, int(sys.argv[1]))


def _prepare() -> Answer:
    return _answer


def _answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    document, today = Document.model_validate_json(data), date.fromisoformat(request["today"])
    try:
        understood = parse_submission(request["talent_id"], document, today)
        return {"parsed": understood.parsed.decode(), "talent": understood.talent.model_dump_json(exclude_unset=True)}
    finally:
        kept_words.let_go()  # a process that waits for the next resume has no line of the last one


if __name__ == "__main__":
    main()
