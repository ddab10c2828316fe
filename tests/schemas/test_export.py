"""The generated documents are current, valid, and agree with the models."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas.export import DATA, documents, json_schema, main

DOCS = Path(__file__).parents[2] / "docs" / "schemas"


def test_the_stored_documents_are_current() -> None:
    assert main(["--check", str(DOCS)]) == 0


def test_a_stale_document_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    (tmp_path / "talent.json").write_text("{}")
    assert main(["--check", str(tmp_path)]) == 1
    assert "talent.json" in capsys.readouterr().err


@pytest.mark.parametrize("name", DATA)
def test_every_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(json_schema(name))


def test_every_reference_of_the_asyncapi_document_resolves() -> None:
    files = documents()
    document = json.loads(files["asyncapi.json"])
    for message in document["components"]["messages"].values():
        assert message["payload"]["$ref"].removeprefix("./") in files
    for channel in document["channels"].values():
        for reference in channel["messages"].values():
            assert reference["$ref"].rsplit("/", 1)[1] in document["components"]["messages"]
