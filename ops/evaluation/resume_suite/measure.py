"""Field accuracy over a suite: by field, by format, by layout; and what was wrong."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.documents import Document, DocumentError, DocumentReader
from ops.evaluation.resume_suite.scoring import Item, Tally, score
from ops.evaluation.resume_suite.suite import Case
from ops.evaluation.resume_suite.truth import Truth

Extract = Callable[[Document], Truth]


@dataclass(slots=True)
class Measured:
    """Right fields of all, in total and by what they are and where."""

    documents: int = 0
    unread: int = 0
    total: Tally = field(default_factory=Tally)
    digital: Tally = field(default_factory=Tally)
    scans: Tally = field(default_factory=Tally)
    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    fields: dict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Tally)))
    languages: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    layouts: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    wrong: list[tuple[str, Item]] = field(default_factory=list)

    def add(self, case: Case, items: Iterable[Item]) -> None:
        """Count a resume's fields."""
        self.documents += 1
        scanned = case.kind.startswith("scan")
        for item in items:
            for tally in (
                self.total,
                self.scans if scanned else self.digital,
                self.kinds[case.kind],
                self.fields[item.field][case.kind],
                self.languages[case.layout.language],
                self.layouts[f"{case.layout.id:02}"],
            ):
                tally.add(item.correct)
            if not item.correct:
                self.wrong.append((case.name, item))

    def figures(self) -> dict[str, Any]:
        """Return shares and counts, for machines."""
        return {
            "documents": self.documents,
            "unread": self.unread,
            "accuracy": round(self.total.share, 4),
            "digital": round(self.digital.share, 4) if self.digital.all else None,
            "scans": round(self.scans.share, 4) if self.scans.all else None,
            "formats": _shares(self.kinds),
            "fields": {name: _shares(by_kind) for name, by_kind in self.fields.items()},
            "languages": _shares(self.languages),
            "layouts": _shares(self.layouts),
        }


def _shares(tallies: dict[str, Tally]) -> dict[str, Any]:
    return {name: {"accuracy": round(t.share, 4), "items": t.all} for name, t in sorted(tallies.items())}


async def measure(cases: Iterable[Case], extract: Extract) -> AsyncIterator[Measured]:
    """Read and parse each case; yield the figures so far after each."""
    measured = Measured()
    async with DocumentReader(workers=1) as reader:
        for case in cases:
            try:
                found = extract(await reader.read(case.data))
            except DocumentError:
                measured.unread += 1
                found = Truth()
            measured.add(case, score(case.truth, found))
            yield measured
