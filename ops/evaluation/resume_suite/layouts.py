"""The layouts: what each shows, in which words, order and shape; even ones for development, odd ones for reporting."""

from dataclasses import dataclass
from typing import Literal

from ops.evaluation.resume_suite.people import Language

Format = Literal["pdf", "docx", "html"]
Part = Literal["dev", "test"]
Columns = Literal["one", "left", "right", "halves"]
_CLASSIC = ("summary", "work", "education", "skills", "certificates", "languages")


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write a resume.

    `contact`: how the personal data stand. `entry`, `school`: how a position and a study are put. `dates`: how times
    are written; `school_dates`: whether the periods of studies are, or years, or ends only. `heading`: how headings are
    written; `wording`: which of the usual words. `side`: sections in the side column.
    """

    id: int
    language: Language
    format: Format
    contact: str
    entry: str
    school: str
    dates: str
    heading: str = "plain"
    wording: int = 0
    order: tuple[str, ...] = _CLASSIC
    columns: Columns = "one"
    side: tuple[str, ...] = ()
    skills: str = "list"
    bullet: str = "•"
    school_dates: str = "span"
    look: Literal["rule", "bar", "plain"] = "rule"
    font: Literal["sans", "serif"] = "sans"
    photo: bool = False
    header: bool = False
    footer: bool = False
    box: bool = False
    """DOCX: the contact stands in a text box."""

    @property
    def part(self) -> Part:
        """Return whether it is for development or for reporting."""
        return "test" if self.id % 2 else "dev"


def _layouts() -> tuple[Layout, ...]:
    made: list[Layout] = []

    def add(
        language: Language, format: Format, contact: str, entry: str, school: str, dates: str, **more: object
    ) -> None:
        made.append(Layout(len(made), language, format, contact, entry, school, dates, **more))  # type: ignore[arg-type]

    work_first = ("work", "projects", "education", "skills", "certificates", "summary")
    study_first = ("education", "work", "projects", "skills", "awards", "languages")
    chinese = ("objective", "education", "work", "projects", "skills", "certificates", "summary")
    side = ("skills", "languages", "certificates")
    # PDF, one column
    add("zh", "pdf", "pairs", "tabs", "tabs", "dot", order=chinese, photo=True)
    add("zh", "pdf", "labels", "tabs_date_last", "tabs", "han", order=work_first, wording=1, look="bar")
    add("zh", "pdf", "grid", "table", "table", "dot", heading="spaced", order=chinese, wording=2, photo=True)
    add("zh", "pdf", "grid5", "table4", "table", "to", heading="plain", order=study_first, wording=3, look="plain")
    add("zh", "pdf", "line", "two", "two", "slash", order=work_first, wording=3, look="bar", header=True)
    add("zh", "pdf", "plain", "paren", "comma", "dot1", heading="brackets", order=chinese, wording=4, footer=True)
    add(
        "zh", "pdf", "brackets", "labels", "labels", "tilde", heading="numbered", wording=4, order=chinese, bullet="1、"
    )
    add(
        "zh",
        "pdf",
        "labels2",
        "pipe",
        "pipe",
        "han",
        heading="marked",
        wording=2,
        skills="levels",
        order=work_first,
        font="serif",
    )
    add("en", "pdf", "line", "two", "two", "mon", heading="caps", footer=True)
    add(
        "en",
        "pdf",
        "plain",
        "title_first",
        "degree_first",
        "num",
        wording=1,
        order=work_first,
        look="plain",
        font="serif",
    )
    add("en", "pdf", "labels", "comma", "comma", "month", wording=2, heading="colon", order=study_first, bullet="-")
    add(
        "en",
        "pdf",
        "line",
        "lines",
        "lines",
        "dot_mon",
        wording=3,
        heading="spaced",
        skills="categories",
        school_dates="years",
    )
    add("en", "pdf", "header", "pipe", "pipe", "iso", wording=4, header=True, footer=True, skills="bullets", bullet="*")
    add("en", "pdf", "pairs", "at", "degree_first", "year", wording=5, look="bar", school_dates="end", order=work_first)
    add("mixed", "pdf", "pairs", "two", "two", "dot", heading="bilingual", wording=0, order=chinese)
    add("mixed", "pdf", "line", "tabs", "tabs", "slash", heading="slashed", wording=1, order=study_first, look="bar")
    # PDF, columns
    add(
        "zh",
        "pdf",
        "side",
        "tabs",
        "two",
        "dot",
        columns="left",
        side=side,
        wording=1,
        photo=True,
        order=("summary", "work", "education", "projects"),
    )
    add(
        "zh",
        "pdf",
        "side",
        "two",
        "tabs",
        "han",
        columns="right",
        side=("skills", "awards"),
        wording=2,
        look="bar",
        order=("objective", "work", "education", "projects"),
    )
    add(
        "en",
        "pdf",
        "side",
        "title_first",
        "lines",
        "mon",
        columns="left",
        side=("skills", "languages", "certificates", "hobbies"),
        heading="caps",
        wording=1,
        order=("summary", "work", "education"),
        skills="bullets",
    )
    add(
        "en",
        "pdf",
        "side",
        "lines",
        "degree_first",
        "month",
        columns="right",
        side=("education", "skills", "languages"),
        wording=2,
        order=("summary", "work", "certificates"),
        skills="lines",
    )
    add("zh", "pdf", "line", "timeline", "timeline", "dot", wording=3, order=work_first, look="plain")
    add("en", "pdf", "line", "timeline", "timeline", "num", wording=4, font="serif")
    add(
        "en",
        "pdf",
        "line",
        "two",
        "lines",
        "mon",
        columns="halves",
        side=("education", "skills", "languages", "awards"),
        wording=0,
        order=("summary", "work"),
        skills="pipe",
    )
    add(
        "mixed",
        "pdf",
        "side",
        "title_first",
        "two",
        "mon",
        columns="left",
        side=("skills", "languages"),
        heading="bilingual",
        wording=2,
        order=("work", "education", "certificates"),
    )
    # DOCX
    add("zh", "docx", "grid", "table", "table", "dot", heading="plain", wording=0, order=chinese, photo=True)
    add("zh", "docx", "labels", "tabs", "tabs", "han", wording=1, heading="numbered", order=work_first)
    add("zh", "docx", "pairs", "two", "tabs", "dot1", wording=3, order=study_first, box=True)
    add("zh", "docx", "grid5", "labels", "table", "to", wording=4, order=chinese, header=True)
    add(
        "zh",
        "docx",
        "side",
        "tabs_date_last",
        "two",
        "slash",
        columns="left",
        side=side,
        wording=2,
        order=("summary", "work", "education", "projects"),
    )
    add(
        "zh",
        "docx",
        "brackets",
        "brackets",
        "comma",
        "tilde",
        wording=5,
        heading="brackets",
        order=work_first,
        bullet="1.",
    )
    add("en", "docx", "line", "two", "two", "mon", wording=0, heading="caps", order=work_first)
    add("en", "docx", "plain", "comma", "comma", "year", wording=1, box=True, school_dates="years")
    add("en", "docx", "labels", "table", "table", "num", wording=2, order=study_first)
    add(
        "en",
        "docx",
        "side",
        "at",
        "lines",
        "tick",
        columns="right",
        side=side,
        wording=3,
        order=("summary", "work", "education"),
    )
    add("mixed", "docx", "pairs", "tabs", "pipe", "dot", wording=4, heading="slashed", order=chinese)
    add("mixed", "docx", "line", "grouped", "two", "mon", wording=0, heading="bilingual", order=work_first, footer=True)
    # HTML
    add("zh", "html", "pairs", "tabs", "tabs", "han", wording=0, order=chinese)
    add("zh", "html", "labels", "paren", "two", "slash", wording=2, order=work_first, skills="levels")
    add("zh", "html", "grid", "table", "table", "to", wording=3, order=study_first)
    add("en", "html", "line", "title_first", "degree_first", "mon", wording=1, order=work_first)
    add("en", "html", "labels", "grouped", "two", "month", wording=3, heading="caps", skills="categories")
    add("en", "html", "plain", "pipe", "comma", "num", wording=5, skills="bullets", order=study_first)
    add(
        "mixed",
        "html",
        "side",
        "two",
        "tabs",
        "dot",
        columns="left",
        side=side,
        wording=1,
        heading="bilingual",
        order=("work", "education"),
    )
    add("mixed", "html", "line", "lines", "lines", "mon", wording=3, order=work_first)
    # The awkward ones
    add("zh", "pdf", "line", "grouped", "two", "dot", wording=5, heading="marked", order=work_first, skills="table")
    add(
        "en",
        "pdf",
        "line",
        "grouped",
        "comma",
        "tick",
        wording=0,
        heading="caps",
        order=("skills", "work", "education", "references"),
    )
    add(
        "zh",
        "pdf",
        "plain",
        "lines",
        "lines",
        "dash",
        wording=0,
        heading="colon",
        order=("work", "education", "skills", "summary"),
    )
    add(
        "en",
        "docx",
        "header",
        "lines",
        "degree_first",
        "iso",
        wording=4,
        header=True,
        order=("summary", "skills", "work", "education", "references"),
    )
    return tuple(made)


LAYOUTS = _layouts()
