"""How much of a JSON Resume is read back from what a template made of it: NAME.json beside NAME.html, .pdf or .docx.

Templates of others come with the truth this way. Asked for is what a file shows: a value that stands in its text, a
month where its text has it.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.documents import Document, DocumentError, DocumentReader
from connectors.resumes.profile import profile_of
from ops.evaluation.resume_suite.reading import truth_of
from ops.evaluation.resume_suite.scoring import Tally, of_positions, score
from ops.evaluation.resume_suite.truth import Truth
from processors.lexicon.dates import dates
from schemas.errors import LoomaError

KINDS = (".html", ".pdf", ".docx", ".md", ".txt")
_TIMES = ("start", "end")


class NothingToReadError(LoomaError):
    """A folder holds no JSON Resume with a file beside it."""

    code = "nothing_to_read"


@dataclass(slots=True)
class Measured:
    """What was read right of what is shown, by field; a position is right if all that is shown of it is."""

    documents: int = 0
    unread: int = 0
    positions: Tally = field(default_factory=Tally)
    fields: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, true: Truth, found: Truth) -> None:
        """Count a file."""
        items = score(true, found)
        for item in items:
            if item.true:
                self.fields[item.field].add(item.correct)
        for position in of_positions(items, true):
            self.positions.add(all(item.correct for item in position if item.true))

    def figures(self) -> dict[str, Any]:
        """Return shares and counts, for machines."""
        shares = {"position": self.positions, **dict(sorted(self.fields.items()))}
        return {
            "documents": self.documents,
            "unread": self.unread,
            "fields": {name: {"accuracy": round(t.share, 4), "items": t.all} for name, t in shares.items()},
        }


async def measure(folder: Path) -> AsyncIterator[Measured]:
    """Read each file beside a JSON Resume of its name; yield the figures so far. Raises `NothingToReadError`."""
    measured = Measured()
    async with DocumentReader(workers=1) as reader:
        for path in sorted(folder.rglob("*.json")):
            files = [file for kind in KINDS if (file := path.with_suffix(kind)).exists()]
            if not files:
                continue
            own = await reader.read(path.read_bytes())
            truth = truth_of(profile_of(own), own)
            for file in files:
                measured.documents += 1
                try:
                    document = await reader.read(file.read_bytes())
                    measured.add(shown(truth, document), truth_of(profile_of(document), document))
                except DocumentError:
                    measured.unread += 1
                yield measured
    if not measured.documents:
        raise NothingToReadError(f"{folder} has no NAME.json beside NAME{', NAME'.join(KINDS)}")


def shown(truth: Truth, document: Document) -> Truth:
    """Return what a document shows of a truth."""
    text = _letters(document.text)
    spans = [span for line in document.text.splitlines() for span in dates(line[:1000])]
    months = {date[:7] for span in spans for date in (span.start, span.end) if date}
    lasts = any(span.current for span in spans)

    def stands(value: Any) -> bool:
        return isinstance(value, str) and bool(value) and _letters(value) in text

    def when(date: str | None) -> str | None:
        if date is None or date == "present":
            return date if lasts else None
        return (date[:7] if date[:7] in months else date[:4]) if date[:4] in document.text else None

    def entries(found: Sequence[Mapping[str, Any]], of: str) -> list[dict[str, Any]]:
        kept = [
            {
                key: when(value) if key in _TIMES else value if key == "degree" or stands(value) else None
                for key, value in entry.items()
            }
            for entry in found
        ]
        return [entry for entry in kept if entry[of]]

    return replace(
        truth,
        facts={key: value for key, value in truth.facts.items() if key == "name" and stands(value)},
        work=entries(truth.work, "employer"),
        education=entries(truth.education, "school"),
        projects=[],
        skills=list(filter(stands, truth.skills)),
        certificates=list(filter(stands, truth.certificates)),
        languages=list(filter(stands, truth.languages)),
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
