"""The OpenAPI document, as others' tools read it."""

from ops.api.app import create_app
from schemas.settings import Settings


def test_the_document_is_one_and_names_each_operation_once() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # a second and a half, in each process that collects

    document = create_app(Settings()).openapi()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names)) > 40
    assert [name for name in names if "v1" in name] == [], "a generated client has a function of each name"
