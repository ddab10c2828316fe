"""Turns two public research data sets, read where they lie, into rows: English resumes and job advertisements."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from connectors.rows import Row, RowError
from schemas.entities import Email, Entity
from schemas.envelope import derived_id, timestamp
from schemas.errors import BadMessageError

_EMAIL = TypeAdapter(Email)
_PART = re.compile(r"[,;•\n|]+")
_YEARS = re.compile(r"\((\d{1,2})\+? years?\)")
_BRACKETS = re.compile(r"\([^)]*\)?")
_EXPERIENCE = re.compile(r"\d{1,2}(?:\.\d)?")
_MAX_SKILL_WORDS = 5
_MAX_TITLE_WORDS = 8


def resume_ner_en(path: Path) -> Iterator[Row | RowError]:
    """Yield each labelled resume of a `resume-ner-en` file or folder as a talent.

    Title, skills, places, years and e-mail addresses come from the labels, which are noisy: what does not fit the
    schema is left out.
    """
    for file in _files(path):
        for line, resume in _objects(file):
            yield _made(_resume, file, line, resume)


def skillspan_en(path: Path) -> Iterator[Row | RowError]:
    """Yield each advertisement of a `skillspan-en` file or folder as a job, its sentences put together again.

    Rows of one `source` and `idx` are one advertisement, in order. Skills are the spans labelled as knowledge; the
    title is the first line up to the employer's (anonymised) name, if that is short enough to be one.
    """
    for file in _files(path):
        for _, rows in groupby(_objects(file), key=_advert_key):
            numbered = list(rows)
            yield _made(_advert, file, numbered[0][0], [row for _, row in numbered])


def _made(make: Callable[[Path, int, Any], Row | RowError], file: Path, line: int, data: Any) -> Row | RowError:
    """Return what is made of a line; a line of another kind of file is one refusal."""
    try:
        return make(file, line, data)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return RowError(line, "not a line of this data set")


def _resume(file: Path, line: int, resume: Any) -> Row | RowError:
    texts: dict[str, list[str]] = {}
    for span in resume["entities"]:
        text = " ".join(resume["text"][span["start"] : span["end"]].split()).strip(" .,;:-•")
        if span["label"] == "Skills":
            text = resume["text"][span["start"] : span["end"]]
        if text and text not in texts.setdefault(span["label"], []):
            texts[span["label"]].append(text)
    fields = _without_empty(
        name=_short(texts, "Name", 1),
        title=_short(texts, "Designation", 1),
        locations=_short(texts, "Location", 5),
        emails=[text for text in texts.get("Email Address", []) if _is_email(text)][:20],
        skills=_resume_skills(texts.get("Skills", [])),
        years_experience=_years(texts.get("Years of Experience", [])),
        language="en",
        resume_text=resume["text"][:100_000],
    )
    return _row(file, line, "talent", f"resume-ner-en-{file.stem}-{resume['id']}", fields)


def _advert(file: Path, line: int, sentences: Any) -> Row | RowError:
    fields = _without_empty(
        title=_advert_title(sentences[0]["tokens"]),
        description="\n".join(_text(row["tokens"]) for row in sentences)[:100_000],
        skills=_knowledge(sentences),
        language="en",
        status="open",
    )
    source, idx = sentences[0]["source"], sentences[0]["idx"]
    return _row(file, line, "job", f"skillspan-en-{file.stem}-{source}-{idx}", fields)


def _advert_key(row: tuple[int, Any]) -> tuple[object, object]:
    line, data = row
    return (data.get("source"), data.get("idx")) if isinstance(data, dict) else (None, line)


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def _objects(file: Path) -> Iterator[tuple[int, Any]]:
    """Yield each line's JSON, None if it is none."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def _row(file: Path, line: int, entity: Entity, id: str, fields: dict[str, Any]) -> Row | RowError:
    time = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    content = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    row = Row(line, entity, id, fields, "import", derived_id("import", id, timestamp(time), content), time)
    try:
        row.message()
    except BadMessageError as error:
        return RowError(line, str(error))
    return row


def _without_empty(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], "")}


def _short(texts: dict[str, list[str]], label: str, most: int) -> Any:
    found = [text for text in texts.get(label, []) if len(text) <= 100][:most]
    if most == 1:
        return found[0] if found else None
    return found


def _is_email(text: str) -> bool:
    try:
        _EMAIL.validate_python(text)
    except ValidationError:
        return False
    return True


def _years(texts: list[str]) -> float | None:
    numbers = [float(match[0]) for text in texts if (match := _EXPERIENCE.search(text))]
    return max((number for number in numbers if number <= 50), default=None)


def _resume_skills(spans: list[str]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for span in spans:
        for part in _PART.split(span):
            years = _YEARS.search(part)
            # "Databases: Oracle" names a group first.
            name = " ".join(_BRACKETS.sub("", part).rpartition(":")[2].split()).strip(" .-*")
            if 1 < len(name) <= 60 and len(name.split()) <= _MAX_SKILL_WORDS:
                skill = {"name": name} | ({"years": float(years[1])} if years else {})
                found.setdefault(name.casefold(), skill)
    return list(found.values())[:500]


def _text(tokens: list[str]) -> str:
    return re.sub(r" ([.,;:!?)])", r"\1", " ".join(tokens)).replace("( ", "(")


def _advert_title(tokens: list[str]) -> str | None:
    end = next((i for i, token in enumerate(tokens) if token.startswith(("<", "("))), len(tokens))
    words = tokens[:end]
    if not 2 <= len(words) <= _MAX_TITLE_WORDS or words[-1].endswith((".", "?", "!")):
        return None
    return " ".join(words)


def _knowledge(sentences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, str] = {}
    for row in sentences:
        spans: list[list[str]] = []
        before = "O"
        for token, tag in zip(row["tokens"], row["tags_knowledge"], strict=True):
            if tag == "B" or (tag == "I" and before == "O"):
                spans.append([token])
            elif tag == "I":
                spans[-1].append(token)
            before = tag
        for span in spans:
            name = _text(span).strip(" .,;:?!-()")
            if 1 <= len(name) <= 100:
                found.setdefault(name.casefold(), name)
    return [{"name": name} for name in found.values()][:500]
