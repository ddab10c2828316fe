"""What `looma publish` says of records that it publishes and that are hard to believe."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops.cli.context import errors

if TYPE_CHECKING:
    from connectors.rows import Row

SHOWN = 5


class Warnings:
    """Counts warnings by code, and keeps the first few."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._first: list[str] = []
        self._now = datetime.now(UTC)

    def note(self, file: str, unit: str, row: "Row") -> None:
        """Look at a record."""
        from processors.quality.validate import validate

        if row.action != "upserted":
            return
        for found in validate(row.entity, row.fields, self._now).findings:
            if found.level != "warning":
                continue
            self.counts[found.code] += 1
            if len(self._first) < SHOWN:
                self._first.append(f"  {file} {unit} {row.line} ({row.id}) {found.path}: {found.text['en']}")

    def say(self) -> None:
        """Print them on stderr, if there are any."""
        if not self.counts:
            return
        counts = ", ".join(f"{code} {count}" for code, count in self.counts.most_common())
        errors.print(f"published all the same, with warnings: {counts}", markup=False, highlight=False)
        for line in self._first:
            errors.print(line, markup=False, highlight=False)
        if self.counts.total() > len(self._first):
            errors.print("  and more; `looma validate FILE` has all", markup=False, highlight=False)
