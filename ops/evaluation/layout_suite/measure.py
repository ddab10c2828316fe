"""Shares of fields, positions and names that were read right, in total, by kind of file, by language and by template."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.documents import DocumentError, DocumentReader
from connectors.resumes.profile import profile_of
from ops.evaluation.layout_suite.people import TODAY
from ops.evaluation.layout_suite.suite import Case
from ops.evaluation.resume_suite.reading import truth_of
from ops.evaluation.resume_suite.scoring import Item, Tally, of_positions, score
from ops.evaluation.resume_suite.truth import Truth

_ALWAYS = ("name", "email", "phone", "link", "salary")
"""Facts that count as wrong where they are claimed and not shown; others are asked for where they are shown."""


@dataclass(slots=True)
class Measured:
    """What was read right of what was shown. A position is right if all that is shown of it is."""

    documents: int = 0
    unread: int = 0
    positions: Tally = field(default_factory=Tally)
    fields: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    groups: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    """All fields of a kind of file, of a language, of digital files and of scans."""
    templates: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    """All fields of a template that rules are made on; which ones of the others are read badly is not to be known."""
    wrong: list[tuple[str, Item]] = field(default_factory=list)
    """What was wrong in what rules are made on."""

    def add(self, case: Case, found: Truth) -> None:
        """Count a resume."""
        self.documents += 1
        template, tuning = case.template, case.template.half in ("tuning", "documents")
        facts = {k: v for k, v in found.facts.items() if k in _ALWAYS or k in case.truth.facts}
        items = score(
            case.truth, Truth(facts, found.work, found.education, [], found.skills, found.certificates, found.languages)
        )
        for item in items:
            self.fields[item.field].add(item.correct)
            for group in (template.kind, template.language, "scan" if case.scanned else "digital"):
                self.groups[group].add(item.correct)
            if tuning:
                self.templates[template.name].add(item.correct)
            if tuning and not item.correct:
                self.wrong.append((case.name, item))
        for position in of_positions(items, case.truth):
            self.positions.add(all(item.correct for item in position))

    def figures(self) -> dict[str, Any]:
        """Return shares and counts, for machines."""
        return {
            "documents": self.documents,
            "unread": self.unread,
            "positions": _share(self.positions),
            "fields": {name: _share(tally) for name, tally in sorted(self.fields.items())},
            "groups": {name: _share(tally) for name, tally in sorted(self.groups.items())},
            "templates": {name: _share(tally) for name, tally in sorted(self.templates.items())},
        }


def _share(tally: Tally) -> dict[str, Any]:
    return {"accuracy": round(tally.share, 4), "items": tally.all}


async def measure(cases: Iterable[Case]) -> AsyncIterator[Measured]:
    """Read and parse each case; yield the figures so far after each."""
    measured = Measured()
    async with DocumentReader(workers=1) as reader:
        for case in cases:
            try:
                document = await reader.read(case.data)
                found = truth_of(profile_of(document, date(*TODAY, 15)), document)
            except DocumentError:
                measured.unread += 1
                found = Truth()
            measured.add(case, found)
            yield measured
