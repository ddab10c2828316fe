"""Times that a narrow column has broken over two or three lines."""

from collections.abc import Sequence

from processors.lexicon.dates import DateSpan, dates
from processors.resume.columns import is_time
from processors.resume.text import BULLET, Line, Piece, cells


def whole_times(lines: list[Line]) -> tuple[list[Line], dict[int, DateSpan]]:
    """Return lines, and by their number the times that a narrow column has broken: they are no part of the next line.

    `May 2022 –⇥Electrician` above `May 2026⇥Juniper Hill Power`: the first cells of both are one time.
    """
    kept: list[Line] = []
    whole: dict[int, DateSpan] = {}
    stacked = _stacked(lines)
    for line in lines:
        before = kept[-1] if kept else None
        time = _broken_time(before, line) if before and len(kept) - 1 not in whole else None
        if time is None and stacked and before and len(before.cells) > 1 and len(kept) - 1 not in whole:
            time = _ended_below(before, before.cells[0], line.cells[0]) if line.cells else None
        first = len(kept) - 1
        if time is None and len(kept) > 1 and kept[-1].bullet and first - 1 not in whole:
            time, first = _ended_beside_bullet(kept[-2], line), first - 1
        if time is None:
            kept.append(line)
            continue
        whole[first] = time
        if len(line.cells) > 1:
            first, last = line.cells[1].start, line.piece.end
            rest = line.piece.part(first - line.piece.start, last - line.piece.start)
            if mark := BULLET.match(rest.text):
                rest = rest.part(mark.end(), len(rest.text))
            kept.append(Line(rest, mark is not None, tuple(cells(rest))))
    return kept, whole


def _stacked(lines: Sequence[Line]) -> bool:
    """Whether times stand in a narrow column with each end below its start, to the month: each has two lines."""
    told = [line for line in lines if len(line.cells) > 1 and is_time(line.cells[0].text)]
    if len(told) < 2 or len(told) % 2:
        return False
    pairs = list(zip(told[::2], told[1::2], strict=True))
    times = [_ended_below(first, first.cells[0], last.cells[0]) for first, last in pairs]
    return all(time is not None and len(time.start) > len("2020") for time in times)


def _ended_beside_bullet(line: Line, following: Line) -> DateSpan | None:
    """Return a time over three lines of a narrow column, a dash on the second: `May 2022⇥Nurse`, `–⇥– …`, `May 2026⇥– …`."""
    if len(line.cells) < 2 or len(following.cells) < 2 or not BULLET.match(following.cells[1].text):
        return None
    return _ended_below(line, line.cells[0], following.cells[0])


def ended_beside(lines: list[Line]) -> tuple[list[Line], dict[int, DateSpan]]:
    """Return lines without the ends of times that stand in a narrow column on the right, and those times by line.

    `Nurse⇥August 2016`, below it a dash, below it `Cared for forty patients.⇥June 2020`.
    """
    kept = list(lines)
    whole: dict[int, DateSpan] = {}
    gone: set[int] = set()
    for n, line in enumerate(lines[:-1]):
        if len(line.cells) < 2 or n in gone:
            continue
        above, following = line.cells[-1], lines[n + 1]
        below = following.cells[-1] if following.cells else following.piece
        dash = following.piece.start - line.piece.end  # a line of nothing but a dash is none, and a dash like a bullet
        if not (dash == _BY_DASH or (following.bullet and len(following.cells) == 1 and len(following.text) < 20)):
            continue
        if time := _ended_below(Line(above, False, (above,)), above, below):
            ahead = above.start - line.piece.start
            whole[n] = time._replace(
                at=(ahead, ahead + len(above.text)),
                start_at=(ahead + time.start_at[0], ahead + time.start_at[1]),
                end_at=(ahead + time.end_at[0], ahead + time.end_at[1]),
            )
            if len(following.cells) < 2:
                gone.add(n + 1)
            else:
                rest = following.piece.part(0, following.cells[-2].end - following.piece.start)
                kept[n + 1] = Line(rest, following.bullet, following.cells[:-1])
    numbers = {old: new for new, old in enumerate(n for n in range(len(lines)) if n not in gone)}
    return [line for n, line in enumerate(kept) if n not in gone], {numbers[n]: time for n, time in whole.items()}


_BY_DASH = 3
"""Characters between two lines with one of a single dash between them."""


def _ended_below(line: Line, above: Piece, below: Piece) -> DateSpan | None:
    start, end = next(dates(above.text), None), next(dates(below.text), None)
    if start is None or start.period or start.at != (0, len(above.text)):
        return None
    ahead = below.start - line.piece.start
    end_at = (ahead, ahead + len(below.text))
    if end is not None:
        if end.period or end.at != (0, len(below.text)) or end.start < start.start:
            return None
        return DateSpan(start.start, end.start, False, (0, len(above.text)), start.start_at, end_at)
    lasts = is_time(below.text)
    return DateSpan(start.start, None, True, (0, len(above.text)), start.start_at, end_at) if lasts else None


def _broken_time(line: Line, following: Line) -> DateSpan | None:
    if line.bullet or not line.cells or not following.cells:
        return None
    above, below = line.cells[0], following.cells[0]
    if following.bullet:  # the dash stands before the end: `Mar 2019⇥Nurse` above `– Jun 2022⇥Tidewater Clinic`
        return _ended_below(line, above, below) if len(line.cells) > 1 and len(following.cells) > 1 else None
    if (
        len(above.text) > 24
        or len(below.text) > 20
        or not above.text.rstrip().endswith(("–", "-", "—", "~", "至", "～"))
    ):
        return None
    start = next(dates(above.text), None)
    if start is None or start.at[0] or start.end:
        return None
    ahead = below.start - line.piece.start
    end_at = (ahead, ahead + len(below.text))
    end = next(dates(below.text), None)
    if end and end.at == (0, len(below.text)) and not end.period and end.start[: len(start.start)] >= start.start[:4]:
        return DateSpan(start.start, end.start, False, (0, len(above.text)), start.start_at, end_at)
    lasting = next(dates(f"2000 - {below.text}"), None)
    if lasting and lasting.current and lasting.at[1] == len(below.text) + 7:
        return DateSpan(start.start, None, True, (0, len(above.text)), start.start_at, end_at)
    return None
