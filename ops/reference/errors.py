"""The codes of dead letters and the exit statuses as a page."""

from connectors.documents.errors import ADVICE, DocumentError
from ops.reference.markdown import code, sentence, table
from ops.reference.source import documented
from ops.runtime.exits import Exit
from schemas.refusals import REFUSALS


def page() -> str:
    """Return the page."""
    messages = [(code(name), each.meaning, each.remedy) for name, each in REFUSALS.items()]
    documents = [(code(name), *_halves(text)) for name, text in ADVICE.items() if not DocumentError(name).transient]
    statuses = [(code(each.value), sentence(text)) for each, text in zip(Exit, documented(Exit).values(), strict=True)]
    return "\n".join(
        [
            "# Errors",
            "",
            "Why a message became a dead letter, what to do about it, and what a command's exit status says.",
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
            "Every command ends with one of these, and says in one line on standard error what failed.",
            "",
            *table(("status", "meaning"), statuses),
            "",
        ]
    )


def _halves(text: str) -> tuple[str, str]:
    meaning, _, remedy = text.partition(". ")
    return f"{meaning}.", remedy
