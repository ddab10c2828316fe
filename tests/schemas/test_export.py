"""The generated documents are valid, and agree with each other. tests/ops/reference says whether they are current."""

import json

import pytest
from jsonschema import Draft202012Validator

from schemas.export import DATA, documents, json_schema


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
