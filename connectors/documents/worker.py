"""The process that reads documents, confined: `python -m connectors.documents.worker text|ocr BYTES_OF_MEMORY`."""

import os
import sys
from base64 import b64encode
from typing import Any

from connectors.documents.drawn import draw
from connectors.documents.formats import load, read
from connectors.documents.model import Limits
from connectors.documents.ocr import NeedsOcr, Recognizer
from connectors.documents.sandbox import confine
from connectors.documents.serve import Answer, serve


def main() -> None:
    """Serve until standard input ends."""
    kind, memory = sys.argv[1], int(sys.argv[2])
    serve(lambda: _prepare(kind), memory)


def _prepare(kind: str) -> Answer:
    load()
    recognizer = None
    if kind == "ocr":
        os.nice(5)  # digital documents come first
        recognizer = Recognizer()
    confine()
    if recognizer:
        recognizer.start()

    def answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
        if request.get("format"):
            return {"image": b64encode(draw(data, request, Limits.model_validate(request["limits"]))).decode()}
        try:
            document = read(data, Limits.model_validate(request["limits"]), recognizer)
        except NeedsOcr:
            return {"needs_ocr": True}
        return {"document": document.model_dump(mode="json")}

    return answer


if __name__ == "__main__":
    main()
