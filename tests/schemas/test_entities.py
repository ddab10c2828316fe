"""The catalogue of entities, and the types that mypy knows them by."""

import re
from datetime import datetime
from typing import get_args

import pytest
from pydantic import create_model

from schemas.base import EntityId, Model, Salary
from schemas.entities import CATALOGUE, ENTITIES, MODELS, RESOLVABLE, SIDES, SPEC, Entity, EntitySpec, fields_of


def test_the_type_and_the_catalogue_name_the_same_entities() -> None:
    assert get_args(Entity) == ENTITIES
    assert {*SIDES, *RESOLVABLE} <= set(ENTITIES)


def test_every_name_stands_once_and_fits_into_topics_and_collections() -> None:
    names = [name for spec in CATALOGUE for name in (spec.name, spec.plural)]
    assert len(set(names)) == len(names) == 2 * len(ENTITIES)
    assert all(re.fullmatch("[a-z]{1,30}", name) for name in names), "a generation is told from a topic by its dash"


def test_what_a_record_does_not_require_may_be_left_out_and_deleted() -> None:
    for spec in CATALOGUE:
        for name, field in spec.model.model_fields.items():
            if name not in spec.required:
                assert spec.model.model_validate({**_required(spec), name: None}).model_dump()[name] is None
                assert field.default is None


def _required(spec: EntitySpec) -> dict[str, str]:
    return dict.fromkeys(spec.required, "x-1")


def test_a_field_that_names_a_person_cannot_be_left_out() -> None:
    optional = create_model("Optional", __base__=Model, talent_id=(EntityId | None, None))
    required = create_model("Required", __base__=Model, talent_id=(EntityId, ...))
    assert EntitySpec("job", "jobs", required, person="talent_id").required == ("talent_id",)
    for model in (optional, MODELS["job"]):
        with pytest.raises(ValueError, match="must be a required field"):
            EntitySpec("job", "jobs", model, person="talent_id")


def test_fields_are_found_by_their_type() -> None:
    assert fields_of("talent", Salary) == {"salary_expected"}
    assert fields_of("job", Salary) == {"salary"}
    assert fields_of("job", EntityId) == {"company_id"}
    assert fields_of("company", Salary) == fields_of("talent", datetime) == frozenset()
    assert SPEC["company"].required == ()
