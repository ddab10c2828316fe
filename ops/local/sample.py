"""Generates the sample: invented talents, jobs and companies, what happens to them, and messages that are broken.

`python -m ops.local.sample OUT_DIR --seed 7` writes the files of `ops/local/sample_data/`; a seed gives the same bytes
always. Publish them in the order of `FILES`. The words come from `vocabulary.json`; every person, employer and phone
number is invented, the schools and cities are real.

`note` on a line says why it is there: partial, duplicate (the same event again), late (older than what has arrived),
conflict (two sources disagree), null (deletes a field), delete, v1 (an old schema), same-person (another id), and on
poison the code it will be refused with.

`texts.jsonl` is written by hand: people and jobs, invented too, of whom there is only a text, as mails and careers
pages have it.
"""

import base64
import json
import random
from argparse import ArgumentParser
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.local.sample_data.draw import LEVELS, Draw
from ops.local.sample_data.resume import resume_text
from schemas.envelope import Envelope, derived_id, timestamp
from schemas.events import event_type

Line = dict[str, Any]

FOLDER = Path(__file__).with_name("sample_data")
FILES = ("companies.jsonl", "jobs.jsonl", "talents.jsonl", "updates.jsonl", "poison.jsonl")
TEXTS = "texts.jsonl"
BASE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_STEP = timedelta(seconds=7)
_UPDATES_BEGIN = timedelta(hours=6)


def sample_paths() -> list[Path]:
    """Return the stored sample files in the order to publish them."""
    return [FOLDER / name for name in (*FILES, TEXTS)]


def generate(seed: int = 7, talents: int = 240, jobs: int = 120, companies: int = 40) -> dict[str, list[Line]]:
    """Return the lines of each file, as `connectors.files` reads them (poison needs `allow_raw`)."""
    sample = _Sample(seed)
    company_lines = [sample.company(number) for number in range(1, companies + 1)]
    job_lines = [sample.job(number) for number in range(1, jobs + 1)]
    talent_lines = [sample.talent(number) for number in range(1, talents + 1)]
    updates = sample.updates(talent_lines, job_lines, company_lines)
    return dict(zip(FILES, (company_lines, job_lines, talent_lines, updates, sample.poison()), strict=True))


def write(folder: Path, lines_of: dict[str, list[Line]]) -> None:
    """Write the lines of each file as JSON Lines into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in lines_of.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / name).write_bytes(text.encode())


class _Sample:
    """One run of the generator."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._draw = Draw(self._random)
        self._words = self._draw.words
        self._time = BASE
        self._employers: list[dict[str, str]] = []

    # -- entities ------------------------------------------------------------------------------------------------

    def company(self, number: int) -> Line:
        """Return an employer; talents and jobs refer to the ones made before them."""
        rng, words = self._random, self._words
        english_names, stems = words["companies_en"], words["company_stems"]
        english = number % 4 == 0 and number // 4 <= len(english_names)
        side = int(english)
        industry = list(words["industries"])[number % len(words["industries"])]
        stem = stems[(number * 3) % len(stems)].split("|")
        city = self._draw.city(english)[0]
        if english:
            name, industry = english_names[number // 4 - 1].split("|")
            aliases = [name.split()[0]]
        else:
            name = f"{city}{stem[0]}{rng.choice(words['suffixes'][industry])}"
            aliases = [stem[0], stem[1]]
        label = words["industries"][industry].split("|")[side]
        self._employers.append(
            {"id": f"C{number:04}", "name": name, "industry": industry, "language": "en" if english else "zh"}
        )
        fields = {
            "name": name,
            "aliases": aliases,
            "industry": label,
            "size": rng.choice(["1-49", "50-199", "200-999", "1000-9999", "10000+"]),
            "locations": [city],
            "website": f"https://{stem[1].lower() if not english else name.lower().replace(' ', '-')}{number}.example",
            "description": f"{name} is a company in the field of {label.lower()}, based in {city}."
            if english
            else f"{name}成立于{rng.randint(1998, 2020)}年，总部位于{city}，深耕{label}领域。",
        }
        return self._event("company", f"C{number:04}", fields, "crm")

    def job(self, number: int) -> Line:
        """Return an open position at one of the employers."""
        rng = self._random
        profession, role, level = self._draw.role(number)
        employer = self._employer(profession, english=rng.random() < 0.35)
        english = employer["language"] == "en"
        side = int(english)
        city, currency, factor = self._draw.city(english)
        skills = self._draw.skills(profession, role, side, rng.randint(4, 6))
        low, high = self._words["levels"][level][1:]
        words = {
            "company": employer["name"],
            "role": self._draw.title(role, level, side),
            "city": city,
            "industry": self._draw.industry(employer["industry"], side),
            "low": max(low, 1),
            "n": rng.randint(5, 30),
        }
        description = self._draw.sentences(
            side,
            words,
            skills[:2],
            self._words["job_openings"],
            rng.sample(profession["duties"], 2),
            self._words["job_demands"],
            self._words["job_closings"],
        )
        fields = {
            "title": words["role"],
            "company": employer["name"],
            "company_id": employer["id"],
            "language": "en" if english else "zh",
            "seniority": level,
            "description": description,
            "skills": [
                {"name": name, "level": self._draw.skill_level(level), "required": index < 3}
                for index, name in enumerate(skills)
            ],
            "years_experience_min": low,
            "years_experience_max": high,
            "education_level": rng.choice(["associate", "bachelor", "bachelor", "bachelor", "master"]),
            "locations": [city],
            "remote": profession["key"] not in ("nursing", "teaching", "mechanical") and rng.random() < 0.3,
            "salary": self._draw.salary(profession, level, currency, factor),
            "status": "open",
        }
        return self._event("job", f"J{number:04}", fields, rng.choice(["crm", "zervigo"]))

    def talent(self, number: int) -> Line:
        """Return a person; every eighth comes as an imported resume text only."""
        rng = self._random
        profession, role, level = self._draw.role(number)
        english = rng.random() < 0.35
        side = int(english)
        city, currency, factor = self._draw.city(english)
        low, high = self._words["levels"][level][1:]
        years = rng.randint(max(low, 1), high)
        skills = self._draw.skills(profession, role, side, rng.randint(5, 8))
        name, email, phone = self._draw.person(number, english)
        title = self._draw.title(role, level, side)
        history = self._history(profession, role, level, years, side, english)
        school = self._draw.education(profession, level, years, side)
        words = {
            "role": role["title"].split("|")[side],
            "Role": title,
            "years": years,
            "city": city,
            "industry": self._draw.industry(rng.choice(profession["industries"]), side),
        }
        summary = self._draw.sentences(
            side,
            words,
            skills[:2],
            self._words["openings"],
            rng.sample(profession["duties"], 1),
            rng.sample(profession["results"], 1),
            self._words["closings"],
        )
        fields: dict[str, Any] = {
            "name": name,
            "emails": [email],
            "phones": [phone],
            "language": "en" if english else "zh",
            "title": title,
            "seniority": level,
            "summary": summary,
            "skills": [
                {
                    "name": skill,
                    "level": self._draw.skill_level(level),
                    "years": max(1, min(years, rng.randint(years // 2, years))),
                }
                for skill in skills
            ],
            "years_experience": years,
            "education_level": school["degree"],
            "education": [school],
            "employments": history,
            "locations": [city],
            "remote": rng.random() < 0.3,
            "salary_expected": self._draw.salary(profession, level, currency, factor),
            "status": rng.choice(["active", "active", "active", "passive"]),
        }
        if number % 8 == 0:
            resume = resume_text(fields, english)
            fields = {
                "name": name,
                "emails": [email],
                "language": fields["language"],
                "resume_text": resume,
                "status": "active",
            }
            return self._event("talent", f"T{number:04}", fields, "import")
        return self._event("talent", f"T{number:04}", fields, "crm" if rng.random() < 0.7 else "zervigo")

    # -- what happens to them ------------------------------------------------------------------------------------

    def updates(self, talents: list[Line], jobs: list[Line], companies: list[Line]) -> list[Line]:
        """Return later events, shuffled, each with a note; what is late or duplicate really comes after the rest."""
        rng = self._random
        self._time = BASE + _UPDATES_BEGIN
        full = [line for line in talents if "title" in line["fields"]]
        lines: list[Line] = []

        for line in _some(rng, full, 50):
            lines.append(self._event("talent", line["id"], self._partial(line), line["source"], note="partial"))
        for line in _some(rng, jobs, 15):
            salary = line["fields"]["salary"]
            raised = {**salary, "maximum": round(salary["maximum"] * 1.1)}
            change: Line = rng.choice([{"status": "paused"}, {"status": "closed"}, {"salary": raised}])
            lines.append(self._event("job", line["id"], change, line["source"], note="partial"))
        for line in _some(rng, companies, 6):
            size = rng.choice(["200-999", "1000-9999"])
            lines.append(self._event("company", line["id"], {"size": size}, "zervigo", note="partial"))
        for line in _some(rng, full, 18):
            lines.extend(self._conflict(line))
        for line in _some(rng, full, 6):
            field = rng.choice(["salary_expected", "phones", "remote"])
            lines.append(self._event("talent", line["id"], {field: None}, line["source"], note="null"))
        for line in _some(rng, full, 16):
            lines.append(self._talent_v1(line))
        for line in _some(rng, jobs, 6):
            salary = line["fields"]["salary"]
            old = {
                "skills": [skill["name"] for skill in line["fields"]["skills"]],
                "salary_min": salary["minimum"],
                "salary_max": salary["maximum"],
            }
            if salary["currency"] == "CNY":
                lines.append(self._event("job", line["id"], old, line["source"], version=1, note="v1"))
        for number, line in enumerate(_some(rng, full, 6), 1):
            kept = ("name", "emails", "language", "title", "skills", "locations", "employments", "education")
            again = {name: line["fields"][name] for name in kept}
            lines.append(self._event("talent", f"Z{number:04}", again, "zervigo", note="same-person"))
        rng.shuffle(lines)

        tail: list[Line] = []
        for line in _some(rng, full, 15):
            before = BASE - timedelta(days=rng.randint(2, 40), minutes=rng.randint(0, 600))
            stale: Line = rng.choice(
                [{"status": "unavailable"}, {"phones": ["+86 100 0000 9999"]}, {"locations": ["天津"]}]
            )
            tail.append(self._event("talent", line["id"], stale, line["source"], time=before, note="late"))
        for line in _some(rng, full, 14) + _some(rng, jobs, 6):
            tail.append({**line, "note": "duplicate"})
        deleted = [("talent", line) for line in _some(rng, full, 3)] + [("job", line) for line in _some(rng, jobs, 2)]
        for entity, line in deleted:
            tail.append(self._event(entity, line["id"], None, line["source"], action="deleted", note="delete"))
        rng.shuffle(tail)
        return lines + tail

    def poison(self) -> list[Line]:
        """Return one message for each way to be refused; the note is the code of the refusal."""
        good = json.dumps({"title": "数据工程师"}, ensure_ascii=False)
        cases: list[tuple[str, Line, dict[str, str | None]]] = [
            ("invalid_json", {"value_base64": base64.b64encode(b'{"title": "\xff\xfe\x80"}').decode()}, {}),
            ("invalid_json", {"value": '{"title": "数据工程师", "skills": ['}, {}),
            ("unknown_version", {"value": good}, {"ce_dataschema": "urn:looma:talent:9"}),
            ("missing_header", {"value": good}, {"ce_id": None}),
            ("invalid_data", {"value": '{"years_experience": "many", "skills": "Python"}'}, {}),
            ("unknown_type", {"value": good}, {"ce_type": "looma.robot.upserted"}),
            ("wrong_topic", {"value": good}, {"ce_type": "looma.job.upserted", "ce_dataschema": "urn:looma:job:2"}),
            ("oversized", {"pad": 600_000}, {}),
        ]
        lines: list[Line] = []
        for number, (code, value, changes) in enumerate(cases, 1):
            id = f"X{number:04}"
            event_id = derived_id("sample", "poison", str(number))
            envelope = Envelope(event_id, "import", event_type("talent", "upserted"), id, self._tick(), 2)
            headers = {name: raw.decode() for name, raw in envelope.headers("talent")}
            changed = {name: text for name, text in {**headers, **changes}.items() if text is not None}
            lines.append({"raw": {"topic": "talent-events", "key": id, **value, "headers": changed}, "note": code})
        return lines

    def _partial(self, line: Line) -> Line:
        rng, fields = self._random, line["fields"]
        pay = fields["salary_expected"]
        raised = {**pay, "minimum": round(pay["minimum"] * 1.1), "maximum": round(pay["maximum"] * 1.1)}
        move = self._draw.city(fields["language"] == "en")[0]
        return rng.choice(
            [
                {"status": "passive"},
                {"status": "hired"},
                {"salary_expected": raised},
                {"locations": sorted({*fields["locations"], move})},
                {"years_experience": fields["years_experience"] + 1},
                {"remote": not fields["remote"], "status": "active"},
            ]
        )

    def _conflict(self, line: Line) -> list[Line]:
        """Two sources state different values, every third time at the very same moment."""
        rng, fields = self._random, line["fields"]
        years, city = fields["years_experience"], fields["locations"][0]
        english = fields["language"] == "en"
        left, right = rng.choice(
            [
                ({"years_experience": years}, {"years_experience": years + rng.randint(2, 4)}),
                ({"locations": [city]}, {"locations": [self._draw.city(english)[0]]}),
                ({"title": fields["title"]}, {"title": "Consultant" if english else "顾问"}),
                ({"education_level": "bachelor"}, {"education_level": "master"}),
            ]
        )
        first = self._event("talent", line["id"], left, "crm", note="conflict")
        moment = datetime.fromisoformat(first["time"]) if rng.random() < 0.34 else None
        return [first, self._event("talent", line["id"], right, "zervigo", time=moment, note="conflict")]

    def _talent_v1(self, line: Line) -> Line:
        fields = line["fields"]
        old: Line = {"title": fields["title"], "skills": [skill["name"] for skill in fields["skills"]]}
        if fields["salary_expected"]["currency"] == "CNY":
            old["salary_min"] = fields["salary_expected"]["minimum"]
            old["salary_max"] = fields["salary_expected"]["maximum"]
        return self._event("talent", line["id"], old, "zervigo", version=1, note="v1")

    # -- parts ---------------------------------------------------------------------------------------------------

    def _event(
        self,
        entity: Any,
        id: str,
        fields: Line | None,
        source: str,
        *,
        action: str = "upserted",
        time: datetime | None = None,
        version: int | None = None,
        note: str | None = None,
    ) -> Line:
        moment = self._tick() if time is None else time
        line: Line = {"entity": entity, "id": id, "source": source}
        line["event_id"] = derived_id("sample", source, timestamp(moment), id, json.dumps(fields, sort_keys=True))
        line["time"] = timestamp(moment)
        if action != "upserted":
            line["action"] = action
        if version is not None:
            line["version"] = version
        if note is not None:
            line["note"] = note
        if fields is not None:
            line["fields"] = fields
        return line

    def _tick(self) -> datetime:
        self._time += _STEP
        return self._time

    def _employer(self, profession: Any, english: bool) -> dict[str, str]:
        fitting = [employer for employer in self._employers if employer["industry"] in profession["industries"]]
        same = [employer for employer in fitting if (employer["language"] == "en") == english]
        return self._random.choice(same or fitting or self._employers)

    def _history(self, profession: Any, role: Any, level: str, years: int, side: int, english: bool) -> list[Line]:
        """Return positions from now back, `years` in all, the seniority falling with each."""
        rng = self._random
        left, end, rank = years * 12, date(2026, 1, 1), LEVELS.index(level)
        history: list[Line] = []
        while left > 0:
            months = left if left <= 24 or len(history) == 3 else rng.randint(12, left - 12)
            start = _months_before(end, months)
            employer = self._employer(profession, english)
            duty = rng.choice(profession["duties"]).split("|")[side]
            skills = [self._draw.inline(skill) for skill in self._draw.skills(profession, role, side, 3)]
            entry: Line = {
                "company": employer["name"],
                "company_id": employer["id"],
                "title": self._draw.title(role, LEVELS[max(rank - len(history), 0)], side),
                "start": start.isoformat(),
                **({"end": end.isoformat()} if history else {}),
                "description": duty.format(skill=skills[0], skill2=skills[1]) + ("." if side else "。"),
            }
            history.append(entry)
            left, end = left - months, start
        return history


def _some(rng: random.Random, lines: list[Line], most: int) -> list[Line]:
    return rng.sample(lines, min(most, len(lines)))


def _months_before(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)


if __name__ == "__main__":
    arguments = ArgumentParser(description="Write the sample's files.")
    arguments.add_argument("out_dir", type=Path)
    arguments.add_argument("--seed", type=int, default=7)
    told = arguments.parse_args()
    write(told.out_dir, generate(told.seed, 240, 120, 40))
