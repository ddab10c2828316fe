"""The codes of dead letters, the errors of commands and the exit statuses as a page."""

import re
from importlib import import_module
from pathlib import Path

from connectors.documents.errors import ADVICE, DocumentError
from ops.reference.markdown import code, escaped, sentence, table
from ops.reference.source import documented
from schemas.errors import LoomaError, kinds
from schemas.exits import Exit
from schemas.refusals import REFUSALS

_ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "processors", "sinks", "connectors", "streams", "ops")
_KIND = re.compile(r"^class \w+\([^)]*Error", re.MULTILINE)


def page() -> str:
    """Return the page."""
    messages = [(code(name), each.meaning, each.remedy) for name, each in REFUSALS.items()]
    documents = [(code(name), *_halves(text)) for name, text in ADVICE.items() if not DocumentError(name).transient]
    statuses = [
        (code(each.value), code(each.name.lower()), sentence(text))
        for each, text in zip(Exit, documented(Exit).values(), strict=True)
    ]
    errors = [
        (code(each.code), code(each.exit_status.value), escaped((each.__doc__ or "").split("\n")[0]))
        for each in all_kinds()
    ]
    return "\n".join(
        [
            "# Errors",
            "",
            "Why a message became a dead letter, what to do about it, and how a command fails.",
            "",
            "## Dead letters",
            "",
            "The header `dlq_reason` of a dead letter is the code; `dlq_detail` says where, and repeats no value.",
            "`looma dlq list` shows both; `looma dlq redrive` publishes a message again, `looma dlq discard` drops it.",
            "",
            *table(("code", "meaning", "what to do"), messages),
            "",
            "### Of a resume's file",
            "",
            *table(("code", "meaning", "what to do"), documents),
            "",
            "## Exit statuses",
            "",
            "A command that fails says why in one line on standard error. With `--json` the line is JSON:",
            '`{"error": {"code": "model", "message": "…"}}`. An error not listed below has the code of its status.',
            "",
            *table(("status", "code", "meaning"), statuses),
            "",
            "## Errors of commands",
            "",
            *table(("code", "exit status", "meaning"), errors),
            "",
        ]
    )


def all_kinds() -> list[type[LoomaError]]:
    """Return every kind of error there is, by code, whatever has been imported."""
    for package in PACKAGES:
        for file in sorted((_ROOT / package).glob("**/*.py")):
            if _KIND.search(file.read_text("utf-8")):
                import_module(".".join(file.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return [kind for kind in kinds() if kind.__module__.partition(".")[0] in PACKAGES]


def _halves(text: str) -> tuple[str, str]:
    meaning, _, remedy = text.partition(". ")
    return f"{meaning}.", remedy
