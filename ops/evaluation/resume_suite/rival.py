"""Runs other open resume parsers on a folder of files: a script for the Python of their own virtual environment.

    python3 -m venv rival && rival/bin/pip install openresume-parser==0.1.6   # or leverparser==0.1.0
    looma bench resume --rival rival/bin/python

It imports nothing of ours. One JSON line a file: what was found, in the words of `truth.jsonl`, and how long it took.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LEVELS = {
    "associate": "associate",
    "bachelor": "bachelor",
    "b.": "bachelor",
    "master": "master",
    "m.": "master",
    "doctor": "doctorate",
    "ph": "doctorate",
}


def main(folder: Path) -> None:
    """Parse every PDF of a folder."""
    name, parse = _parser()
    for path in sorted(p for p in folder.iterdir() if p.suffix == ".pdf"):
        started = time.perf_counter()
        try:
            found = parse(str(path))
        except Exception as error:
            found = {"error": type(error).__name__}
        line = {"parser": name, "file": path.name, "seconds": time.perf_counter() - started, "found": found}
        print(json.dumps(line, ensure_ascii=False, default=str), flush=True)


def _parser() -> tuple[str, Callable[[str], dict[str, Any]]]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"openresume-parser {version('openresume-parser')}", _openresume()
    except PackageNotFoundError:
        return f"leverparser {version('leverparser')}", _leverparser()


def _openresume() -> Callable[[str], dict[str, Any]]:
    import openresume  # type: ignore[import-not-found]

    def parse(path: str) -> dict[str, Any]:
        answer = openresume.parse_resume_from_pdf(path)
        if not answer.get("ok"):
            return {"error": answer["error"]["code"]}
        resume = answer["resume"]
        study = resume["education"]
        course = study.get("degree_course") or ""
        return {
            "facts": {
                "name": resume["full_name"],
                "email": _list(resume["email"]),
                "phone": _list(_digits(resume["phone"])),
            },
            "work": [
                {
                    "employer": job["company"],
                    "title": job["title"],
                    "start": _date(job["start_date"]),
                    "end": "present" if job["current"] else _date(job["end_date"]),
                }
                for job in resume["experience"]["work_history"]
            ],
            "education": [{"degree": _level(course), "field": study.get("specialization") or _field(course)}],
            "skills": resume["skills"],
        }

    return parse


def _leverparser() -> Callable[[str], dict[str, Any]]:
    import pyresume  # type: ignore[import-not-found]

    parser = pyresume.ResumeParser()

    def parse(path: str) -> dict[str, Any]:
        resume = parser.parse(path).to_dict()
        contact = resume["contact_info"]
        return {
            "facts": {
                "name": contact["name"],
                "email": _list(contact["email"]),
                "phone": _list(_digits(contact["phone"] or "")),
            },
            "work": [
                {
                    "employer": job["company"],
                    "title": job["title"],
                    "start": _date(str(job["start_date"] or "")),
                    "end": "present" if job["current"] else _date(str(job["end_date"] or "")),
                }
                for job in resume["experience"]
            ],
            "education": [
                {
                    "school": study["institution"],
                    "degree": _level(study["degree"] or ""),
                    "field": study["major"],
                    "end": _date(str(study["graduation_date"] or "")),
                }
                for study in resume["education"]
            ],
            "skills": [skill["name"] for skill in resume["skills"]],
            "languages": resume["languages"],
            "certificates": [certificate["name"] for certificate in resume["certifications"]],
        }

    return parse


def _list(value: str | None) -> list[str]:
    return [value] if value else []


def _digits(phone: str) -> str:
    """Return E.164 as far as the country is said; ten digits are taken for an American number, eleven for a Chinese."""
    digits = "".join(c for c in phone or "" if c.isdigit())
    if (phone or "").strip().startswith(("+", "(+")):
        return f"+{digits}"
    return {10: f"+1{digits}", 11: f"+86{digits}"}.get(len(digits), digits)


def _date(text: str | None) -> str | None:
    """Return a date in the truth's form: `2019-03`, or `2019`."""
    import re

    if not text:
        return None
    year = re.search(r"(?:19|20)\d\d", text)
    if year is None:
        return None
    rest = (text[: year.start()] + " " + text[year.end() :]).lower()
    named = next((i for i, m in enumerate(_MONTHS, 1) if m in rest), None)
    number = re.search(r"\d{1,2}", rest)
    month = named or (int(number.group()) if number else None)
    return f"{year.group()}-{month:02}" if month else year.group()


def _level(course: str) -> str | None:
    folded = course.lower()
    return next((level for word, level in _LEVELS.items() if folded.startswith(word)), None)


def _field(course: str) -> str | None:
    return course.split(" in ", 1)[1] if " in " in course else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
