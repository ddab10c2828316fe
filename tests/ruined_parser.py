"""The parser of resumes as a hostile one may ruin it: `python -m ruined_parser BYTES`. The talent's id says how."""

import json
import os
import sys
import time

from connectors.documents.serve import serve


def answer(request, _):
    match request["talent_id"]:
        case "dies":
            os._exit(3)
        case "spins":
            while True:
                pass
        case "hangs":
            time.sleep(100_000)
        case "eats":
            return {"parsed": "x" * (10 << 30)}
        case "fails":
            raise ValueError("张三")
    return {"parsed": "{}", "talent": json.dumps({"name": request["talent_id"]})}


if __name__ == "__main__":
    serve(lambda: answer, int(sys.argv[1]))
