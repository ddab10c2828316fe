"""What only a record's texts say fills its gaps: a source's value always wins, and order means nothing."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.closeness import Closeness
from processors.matching.features import skills as skills_feature
from processors.matching.reading.record import job_profile, talent_profile
from processors.reading.gaps import filled, read, sayable
from processors.sync.contribution import DECISION
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.entities import Entity
from schemas.envelope import Envelope
from schemas.events import EntityEvent
from schemas.records import SourceRecord

AD = """后端开发工程师 20-35K·15薪 上海 3-5年 本科
岗位要求：
1、精通 Java 或 Kotlin，熟悉 MySQL；
2、不要求英语；
加分项：Kafka
全职，每周可远程2天。"""
CV = """李梅
后端开发工程师
工作经历
2019.03-至今 上海云杉科技有限公司 后端开发工程师
负责订单服务，Java、MySQL
教育经历
2012.09-2016.06 浙江大学 计算机科学 本科
"""


def event(number: int, entity: Entity = "job", source: str = "ats", **fields: Any) -> EntityEvent:
    time = datetime(2026, 1, 1 + number, tzinfo=UTC)
    envelope = Envelope(f"e{number}", source, f"looma.{entity}.upserted", "j-1", time, 3)
    return EntityEvent(envelope, entity, "upserted", fields)


def record(*events: EntityEvent) -> SourceRecord:
    state = State()
    for each in events:
        state = apply(state, [each])
    return StoredRecord.of(events[0].entity, "j-1", 1, state, DEFAULT).record


def test_an_ad_of_title_and_text_is_read() -> None:
    found = record(event(0, title="后端开发工程师", description=AD)).fields
    assert {s["name"]: s["required"] for s in found["skills"]} == {
        "后端开发": True, "Java语言": True, "MySQL数据库": True, "Kafka": False,
    }  # fmt: skip
    assert next(s for s in found["skills"] if s["name"] == "Java语言")["alternatives"] == ["Kotlin语言"]
    assert (found["years_experience_min"], found["years_experience_max"], found["education_level"]) == (
        3,
        5,
        "bachelor",
    )
    assert found["locations"] == ["上海"]
    assert found["salary"] == {"minimum": 20_000, "maximum": 35_000, "currency": "CNY", "period": "month", "months": 15}
    assert (found["employment_types"], found["workplace"], found["remote_share"]) == (["full_time"], "hybrid", 0.4)


def test_what_is_read_says_where_from() -> None:
    found = record(event(0, title="Java", description="熟悉Java"), event(1, status="open"))
    assert found.provenance["skills"] == {
        "source": "ats", "time": "2026-01-01T00:00:00.000000Z", "event_id": "e0", "read_from": "description",
    }  # fmt: skip
    assert "read_from" not in found.provenance["title"]
    assert SourceRecord.from_json(found.to_json()) == found


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_sources_value_wins_whenever_it_comes(order: tuple[int, ...]) -> None:
    events = [
        event(0, title="后端", description=AD),
        event(1, source="crm", skills=[{"name": "Go"}], years_experience_min=8, remote=True),
        event(2, source="crm", status="open"),
    ]
    found = record(*(events[i] for i in order))
    assert [s["name"] for s in found.fields["skills"]] == ["Go"]
    assert found.fields["years_experience_min"] == 8
    assert "years_experience_max" not in found.fields, "one statement: no source's least with a text's most"
    assert found.fields["remote"] is True
    assert "workplace" not in found.fields
    assert found.fields["education_level"] == "bachelor"
    assert found == record(*events)


def test_another_text_is_read_in_its_place() -> None:
    found = record(event(0, title="后端", description=AD), event(1, description="熟悉 Python"))
    # The longer text survives only if it says all that the newer one does.
    assert [s["name"] for s in found.fields["skills"]] == ["Python语言"]
    assert "salary" not in found.fields


def test_what_a_person_has_deleted_is_not_read_again() -> None:
    found = record(event(0, title="后端", description=AD), event(1, source=DECISION, salary=None))
    assert "salary" not in found.fields
    assert "salary" in record(event(0, title="后端", description=AD), event(1, source="crm", salary=None)).fields


def test_a_deleted_record_is_not_read() -> None:
    gone = EntityEvent(event(1).envelope, "job", "deleted", {})
    assert record(event(0, title="后端", description=AD), gone).fields == {}


def test_a_talent_of_text_only_is_read_but_for_who_it_is() -> None:
    found = record(event(0, "talent", resume_text=CV)).fields
    assert [e["company"] for e in found["employments"]] == ["上海云杉科技有限公司"]
    assert "end" not in found["employments"][0]
    assert {"Java语言", "MySQL数据库"} <= {s["name"] for s in found["skills"]}
    assert found["title"] == "后端开发工程师"
    assert found["education_level"] == "bachelor"
    assert found.keys().isdisjoint(("name", "emails", "phones", "years_experience"))


def test_a_talent_whose_source_knows_skills_is_not_read() -> None:
    found = record(event(0, "talent", resume_text=CV, skills=[{"name": "Go"}])).fields
    assert found.keys() == {"resume_text", "skills"}


def test_what_lasted_when_the_resume_was_written_is_counted_to_that_day() -> None:
    one, other = (read("talent", "", CV, day)["skills"] for day in ("2020-03-01", "2025-03-01"))
    years = [next(s["years"] for s in skills if s["name"] == "后端开发") for skills in (one, other)]
    assert years[1] - years[0] == pytest.approx(5, abs=0.1)


def test_reading_changes_nothing_that_is_there() -> None:
    fields = {"title": "t", "description": AD, "skills": [{"name": "Go"}]}
    before = {name: {"source": "s", "time": "2026-01-01T00:00:00.000000Z", "event_id": "e"} for name in fields}
    found, provenance = filled("job", fields, before)
    assert {name: found[name] for name in fields} == fields
    assert {name: provenance[name] for name in fields} == before
    assert filled("company", {"description": AD}, {}) == ({"description": AD}, {})


def test_one_of_two_that_do_is_enough() -> None:
    job = job_profile("j", 1, read("job", "", "要求：精通 Java 或 Kotlin", ""))
    held, other = (talent_profile("t", 1, {"skills": [{"name": name}]}) for name in ("Kotlin", "PHP"))
    assert (
        skills_feature.score(held, job, Closeness(0.5)).score > skills_feature.score(other, job, Closeness(0.5)).score
    )
    assert "Java语言 / Kotlin语言" in skills_feature.FEATURE.reason(
        skills_feature.score(held, job, Closeness(0.5)), held, job, "zh"
    )


@given(st.text(max_size=300), st.text(max_size=600), st.sampled_from(("job", "talent")))
def test_any_text_is_read_as_an_event_could_say_it(title: str, text: str, entity: Entity) -> None:
    found = read(entity, title, text, "2026-01-01")
    assert sayable(entity, found) == found
    assert read(entity, title, text, "2026-01-01") == found
