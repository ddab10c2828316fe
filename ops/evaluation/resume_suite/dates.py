"""How resumes write times, and what may be concluded from the writing."""

from ops.evaluation.resume_suite.people import Month

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
_STYLES: dict[str, tuple[str, str, str]] = {
    # how a month is written, what stands between two, what "until today" is
    "dot": ("{y}.{m:02}", " - ", "至今"),
    "han": ("{y}年{m}月", "-", "至今"),
    "slash": ("{y}/{m:02}", " - ", "至今"),
    "tilde": ("{y}-{m:02}", " ~ ", "今"),
    "to": ("{y}年{m:02}月", "至", "今"),
    "dot1": ("{y}.{m}", "—", "现在"),
    "dash": ("{y}-{m:02}", " 至 ", "至今"),
    "mon": ("{s} {y}", " – ", "Present"),
    "num": ("{m:02}/{y}", " - ", "Present"),
    "month": ("{l} {y}", " to ", "present"),
    "year": ("{y}", " – ", "Present"),
    "dot_mon": ("{s}. {y}", " - ", "Current"),
    "iso": ("{y}-{m:02}", " – ", "Now"),
    "tick": ("{s} '{d:02}", " – ", "Present"),
}


def month(style: str, when: Month) -> str:
    """Return a month as the style writes it."""
    y, m = when
    s = "May" if m == 5 else _SHORT[m - 1]
    return _STYLES[style][0].format(y=y, m=m, s=s, l=MONTHS[m - 1], d=y % 100).replace("May.", "May")


def span(style: str, start: Month, end: Month | None) -> str:
    """Return a period as the style writes it."""
    _, between, now = _STYLES[style]
    return month(style, start) + between + (month(style, end) if end else now)


def known(style: str, when: Month | None) -> str | None:
    """Return what the style says of a month: year and month, or the year."""
    if when is None:
        return None
    return f"{when[0]}" if style == "year" else f"{when[0]}-{when[1]:02}"
