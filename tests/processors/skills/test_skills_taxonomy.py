import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import processors.skills
from processors.skills import Extractor, Kind, TaxonomyError, extract_skills, load_taxonomy, normalise, taxonomy
from processors.skills.fold import fold, fold_name
from processors.skills.taxonomy import Taxonomy


def test_it_is_large_bilingual_and_every_relation_and_category_exists():
    known = taxonomy()
    assert len(known) >= 3000
    assert sum(skill.zh is not None for skill in known.skills.values()) >= 800
    assert {skill.kind for skill in known.skills.values()} == set(Kind)
    for skill in known.skills.values():
        assert skill.category in known.categories
        assert known.path(skill.category)[0].id == skill.kind
        assert all(other in known.skills for other in (*skill.implies, *skill.related))
        assert skill.id not in known.implied([skill.id])


def test_every_row_that_comes_with_the_package_is_valid():
    rows = Path(processors.skills.__path__[0]) / "data" / "skills.jsonl"
    assert Taxonomy({}, taxonomy().categories).extended(rows) == taxonomy()


def test_every_curated_spelling_normalises_to_its_skill():
    known = taxonomy()
    for skill in known.skills.values():
        for spelling in skill.spellings:
            if known.names[fold_name(spelling)] == skill.id:
                assert normalise(spelling) == skill.id, spelling


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("K8s", "kubernetes"), ("机器学习", "machine-learning"), ("機器學習", "machine-learning"), ("ＪＡＶＡ", "java"),
        ("Golang", "go"), ("node js", "node.js"), ("NodeJS", "node.js"), ("Vue 3", "vue"), ("Python编程", "python"),
        ("精通Java", "java"), ("SQL skills", "sql"), ("Kubernets", "kubernetes"), ("Elasticserach", "elasticsearch"),
        ("data modeling", "data-modelling"), ("Data Modelling", "data-modelling"), ("c", "c"), ("C++", "c++"), ("C#", "c#"),
        ("微信小程序", "mini-program-development"), ("Spring boot 2.x", "spring-boot"), ("CI / CD", "ci-cd"),
        ("research and development of unicorns", None), ("", None), ("?", None), ("x" * 10_000, None),
    ],
)  # fmt: skip
def test_spellings_of_one_skill_have_one_id(name, expected):
    assert normalise(name) == expected


def test_implied_skills_are_transitive_and_say_why():
    implied = taxonomy().implied(["spring-cloud", "pandas"])
    assert implied["java"] == ("spring-cloud",)
    assert set(implied["programming"]) == {"spring-cloud", "pandas"}
    assert "spring-cloud" not in implied
    assert taxonomy().implied(["no such skill"]) == {}


def _file(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


def test_a_users_file_adds_skills_and_aliases(tmp_path):
    own = load_taxonomy(
        _file(
            tmp_path,
            {"id": "zorbflow", "en": "ZorbFlow", "zh": "佐布流", "category": "tool/backend", "implies": ["java"]},
            {"id": "python", "aliases": ["蟒蛇语言"]},
        )
    )
    extractor = Extractor(own)
    assert [m.skill_id for m in extractor.extract("熟悉佐布流和蟒蛇语言")] == ["zorbflow", "python"]
    assert extractor.normalise("Zorb flow") == "zorbflow"
    assert "java" in own.implied(["zorbflow"])
    assert own.skills["python"].zh == taxonomy().skills["python"].zh
    assert "zorbflow" not in taxonomy().skills


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{"], "mine.jsonl:1: not JSON"),
        (["[]"], "mine.jsonl:1: not a JSON object"),
        (["", {"en": "X", "category": "tool/backend"}], "mine.jsonl:2: id is missing"),
        ([{"id": "x", "aliases": ["y"]}], "mine.jsonl:1: category and en missing"),
        ([{"id": "x", "en": "X", "category": "tool/nowhere"}], "unknown category 'tool/nowhere'; known: tool, tool/"),
        ([{"id": "x", "en": "X", "category": "sport"}], "known: hard, tool, domain, soft, language"),
        ([{"id": "x", "en": "X", "category": "tool", "colour": 1}], r"unknown fields \['colour'\]"),
        ([{"id": "x", "en": "", "category": "tool"}], "en must be a text"),
        ([{"id": "x", "en": "X" * 81, "category": "tool"}], "en must be a text of 1 to 80"),
        ([{"id": "x", "en": "X", "category": "tool", "aliases": "y"}], "aliases must be a list"),
        (
            [{"id": "x", "en": "X", "category": "tool", "implies": ["nothing"]}],
            "implies names an unknown skill 'nothing'",
        ),
        ([{"id": "x", "en": "X", "category": "tool"}] * 2, "mine.jsonl:2: id 'x' is already on line 1"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_reason(tmp_path, rows, message):
    with pytest.raises(TaxonomyError, match=message):
        load_taxonomy(_file(tmp_path, *rows))


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(TaxonomyError, match=r"no\.jsonl"):
        load_taxonomy(tmp_path / "no.jsonl")
    (tmp_path / "bin.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaxonomyError, match=r"bin\.jsonl"):
        load_taxonomy(tmp_path / "bin.jsonl")


@given(st.text(max_size=200))
def test_folded_positions_lead_back_to_the_same_characters(text):
    folded = fold(text)
    positions = [folded.original(i) for i in range(len(folded.text))]
    assert positions == sorted(set(positions))
    assert all(0 <= p < len(text) for p in positions)
    for i, position in enumerate(positions):
        if folded.text[i].isalnum() and folded.text[i].isascii() and text[position].isascii():
            assert folded.text[i] == text[position].lower()


@given(st.text(max_size=100))
def test_a_name_folds_as_a_text_does(name):
    assert fold_name(name) == " ".join(fold(name).text.split())


@given(st.text(max_size=40))
def test_folding_a_name_twice_changes_nothing(name):
    assert fold_name(fold_name(name)) == fold_name(name)


def test_mechanical_ventilation_is_nursing_and_not_engineering() -> None:
    assert [m.skill_id for m in extract_skills("熟练掌握机械通气")] == ["ventilator-care"]


def test_technologies_that_replace_each_other_are_related() -> None:
    skills = taxonomy().skills
    for skill, other in (("java", "kotlin"), ("react", "vue"), ("mysql", "postgresql"), ("pytorch", "tensorflow")):
        assert other in skills[skill].related
