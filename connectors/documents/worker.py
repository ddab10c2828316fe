"""The process that reads documents: one after another from standard input, answers to standard output.

A request is a JSON line of the limits and the size, then the bytes. An answer is a JSON line: a document, an error, or
that OCR is needed. What a hostile file might take over can send only JSON, which the other side validates.
"""

import json
import os
import sys
from typing import Any

from connectors.documents.errors import DocumentError
from connectors.documents.formats import load, read
from connectors.documents.model import Limits
from connectors.documents.ocr import NeedsOcr, Recognizer
from connectors.documents.sandbox import SandboxError, confine, limit

RECURSION = 3000


def main() -> None:
    """Serve until standard input ends. Arguments: `text` or `ocr`, and the bytes of memory."""
    kind, memory = sys.argv[1], int(sys.argv[2])
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what native libraries print must not mix with answers
    sys.setrecursionlimit(RECURSION)
    limit(memory)
    load()
    recognizer = None
    if kind == "ocr":
        os.nice(5)  # digital documents come first
        recognizer = Recognizer()
    started: dict[str, Any] = {}
    try:
        confine()
        if recognizer:
            recognizer.start()
    except SandboxError as error:
        started = {"refused": str(error)}
    answers.write(json.dumps(started).encode() + b"\n")
    answers.flush()
    if started:
        return
    while line := requests.readline():
        request = json.loads(line)
        limits = Limits.model_validate(request["limits"])
        data = requests.read(request["size"])
        answers.write(json.dumps(_answer(data, limits, recognizer)).encode() + b"\n")
        answers.flush()


def _answer(data: bytes, limits: Limits, recognizer: Recognizer | None) -> dict[str, Any]:
    try:
        return {"document": read(data, limits, recognizer).model_dump(mode="json")}
    except NeedsOcr:
        return {"needs_ocr": True}
    except DocumentError as error:
        return {"code": error.code, "detail": error.detail}
    except MemoryError:
        return {"code": "too_big", "detail": "more memory than allowed"}
    except RecursionError:
        return {"code": "bomb", "detail": "nested too deeply"}
    except Exception as error:  # a reader's bug, or a library's: the sender can only try another file
        return {"code": "crashed", "detail": type(error).__name__}


if __name__ == "__main__":
    main()
