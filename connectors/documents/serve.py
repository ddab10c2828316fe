"""What every process of a pool does: it answers requests from standard input, one after another, on standard output.

A request is a JSON line with the size, then the bytes. An answer is a JSON line: a result, or an error's code. What a
hostile file might take over can send only JSON, which the other side validates.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from connectors.documents.errors import DocumentError
from connectors.documents.sandbox import SandboxError, limit

RECURSION = 3000
Answer = Callable[[dict[str, Any], bytes], dict[str, Any]]


def serve(prepare: Callable[[], Answer], memory_bytes: int) -> None:
    """Answer until standard input ends. `prepare` loads what is needed, and confines the process if it is to be."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what native libraries print must not mix with answers
    sys.setrecursionlimit(RECURSION)
    limit(memory_bytes)

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()

    try:
        answer = prepare()
    except SandboxError as error:
        send({"refused": str(error)})
        return
    send({})
    while line := requests.readline():
        request = json.loads(line)
        send(_answer(answer, request, requests.read(request["size"])))


def _answer(answer: Answer, request: dict[str, Any], data: bytes) -> dict[str, Any]:
    try:
        return answer(request, data)
    except DocumentError as error:
        return {"code": error.code, "detail": error.detail}
    except MemoryError:
        return {"code": "too_big", "detail": "more memory than allowed"}
    except RecursionError:
        return {"code": "bomb", "detail": "nested too deeply"}
    except Exception as error:  # a reader's bug, or a library's: the sender can only try another file
        return {"code": "crashed", "detail": type(error).__name__}
