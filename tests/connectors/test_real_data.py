import json

import pytest

from connectors.real_data import resume_ner_en, skillspan_en
from connectors.rows import RowError


@pytest.fixture
def write(tmp_path):
    def write(name, *objects):
        path = tmp_path / name
        path.write_text("".join(json.dumps(o) + "\n" for o in objects), encoding="utf-8")
        return path

    return write


def spans(text, **labels):
    found = []
    for label, part in labels.items():
        start = text.index(part)
        found.append({"start": start, "end": start + len(part), "label": label.replace("_", " ")})
    return {"id": 1, "text": text, "entities": found}


def test_a_resume_becomes_a_talent_with_what_its_labels_hold(write):
    text = "Ann Example\nData Analyst\nPune\nann@example.com\n4.5 years\nDatabases: Oracle (3 years), SQL\nPython"
    resume = spans(
        text,
        Name="Ann Example",
        Designation="Data Analyst",
        Location="Pune",
        Email_Address="ann@example.com",
        Years_of_Experience="4.5 years",
        Skills="Databases: Oracle (3 years), SQL\nPython",
    )

    [row] = resume_ner_en(write("train.jsonl", resume))

    assert (row.entity, row.id, row.line) == ("talent", "resume-ner-en-train-1", 1)
    assert row.fields == {
        "name": "Ann Example",
        "title": "Data Analyst",
        "locations": ["Pune"],
        "emails": ["ann@example.com"],
        "skills": [{"name": "Oracle", "years": 3.0}, {"name": "SQL"}, {"name": "Python"}],
        "years_experience": 4.5,
        "language": "en",
        "resume_text": text,
    }


def test_a_profile_link_is_no_email_address(write):
    resume = spans("indeed.com/r/Ann", Email_Address="indeed.com/r/Ann")

    [row] = resume_ner_en(write("train.jsonl", resume))

    assert "emails" not in row.fields


def sentence(number, idx, text, knowledge="", source="tech"):
    tokens = text.split()
    tags = knowledge.split() or ["O"] * len(tokens)
    return {"id": number, "idx": idx, "tokens": tokens, "tags_knowledge": tags, "source": source}


def test_sentences_of_one_advertisement_are_put_together(write):
    path = write(
        "dev.jsonl",
        sentence(1, 1, "Site Reliability Engineer ( remote ) <ORGANIZATION>"),
        sentence(2, 1, "You know Go , Apache Kafka and go .", "O O B O B I O B O"),
        sentence(3, 2, "We are looking for a person who likes long sentences ."),
        sentence(4, 2, "You teach Physics .", "O O B O", source="house"),
    )

    first, second, third = skillspan_en(path)

    assert (first.id, first.line) == ("skillspan-en-dev-tech-1", 1)
    assert first.fields["title"] == "Site Reliability Engineer"
    assert first.fields["skills"] == [{"name": "Go"}, {"name": "Apache Kafka"}]
    assert first.fields["description"].splitlines()[1] == "You know Go, Apache Kafka and go."
    assert "title" not in second.fields
    assert third.id == "skillspan-en-dev-house-2"


def test_a_folder_is_read_file_by_file_and_ids_are_stable(write, tmp_path):
    write("a.jsonl", spans("Ann", Name="Ann"))
    write("b.jsonl", spans("Bob", Name="Bob"))

    first, second = list(resume_ner_en(tmp_path)), list(resume_ner_en(tmp_path))

    assert first == second
    assert [row.id for row in first] == ["resume-ner-en-a-1", "resume-ner-en-b-1"]


def test_lines_of_other_files_are_refused_one_by_one(tmp_path):
    path = tmp_path / "a.jsonl"
    good = json.dumps({"source": "s", "idx": 1, "tokens": ["Data", "Engineer"], "tags_knowledge": ["O", "O"]})
    path.write_bytes(
        b'{"id": 1}\n[]\n\xff\n' + b"[" * 100_000 + b'\n{"text": 1, "entities": [1]}\n' + good.encode() + b"\n"
    )

    resumes, adverts = list(resume_ner_en(path)), list(skillspan_en(path))

    assert [row.line for row in resumes if isinstance(row, RowError)] == [1, 2, 3, 4, 5, 6]
    assert [row.line for row in adverts if isinstance(row, RowError)] == [1, 2, 3, 4, 5]
    assert adverts[-1].fields["title"] == "Data Engineer"
