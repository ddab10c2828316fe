"""The encoder of titles: what it promises of any text, and what it says of titles that people wrote."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.embedding.model import SentenceEncoder, Vectors
from processors.embedding.titles import MAX_CHARACTERS, WEIGHTS, TitleEncoder, TitleModel, features, title_encoder
from processors.matching.closeness import TAG, measure
from processors.matching.reading.record import job_profile, talent_profile
from streams.models.builtin import TITLES
from streams.models.default_model import MODEL_NAME, ensure_model
from streams.models.downloads import cache_dir
from streams.models.encoders import open_encoder
from streams.models.registry import Registry


@pytest.fixture(scope="module")
def base() -> SentenceEncoder:
    return SentenceEncoder(ensure_model(cache_dir()))


@pytest.fixture(scope="module")
def titles(base: SentenceEncoder) -> TitleEncoder:
    found = title_encoder(base.version)
    assert found
    return found


def embedded(titles: TitleEncoder, base: SentenceEncoder, *said: str) -> Vectors:
    return titles.embed(said, base.embed(said))


@pytest.mark.parametrize(
    ("title", "same", "other"),
    [
        ("Java Developer", "Software Engineer", "Java Coffee Barista"),
        ("HGV driver", "Lorry driver", "Software driver developer"),
        ("Bookkeeper", "Accounts clerk", "Beekeeper"),
        ("软件工程师", "程序员", "土木工程师"),
        ("会计", "财务专员", "会展策划"),
        ("前台", "接待员", "前端开发工程师"),
        ("Registered nurse", "护士", "Registered architect"),
        ("产品经理", "Product Manager", "Production Manager"),
    ],
)
def test_what_means_the_same_work_is_nearer_than_what_is_written_alike(
    titles: TitleEncoder, base: SentenceEncoder, title: str, same: str, other: str
) -> None:
    rows = embedded(titles, base, title, same, other)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_a_vector_depends_on_its_title_alone(titles: TitleEncoder, base: SentenceEncoder) -> None:
    said = ("Nurse", "", "护士长", "Senior Java Developer (m/w/d)")
    rows = embedded(titles, base, *said)
    np.testing.assert_allclose(rows, np.concatenate([embedded(titles, base, one) for one in said]), atol=1e-6)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1, 1], abs=1e-5)
    assert rows.shape == (4, titles.dimensions)


@settings(max_examples=30)
@given(st.text(max_size=300))
def test_strange_titles_do_no_harm(titles: TitleEncoder, title: str) -> None:
    rows = titles.embed([title], np.zeros((1, 512), dtype=np.float32))
    assert np.isfinite(rows).all()
    assert np.linalg.norm(rows) == pytest.approx(1, abs=1e-5) or not rows.any()


def test_of_an_endless_title_the_beginning_is_read() -> None:
    assert len(list(features("程" * 10**6))) < 4 * MAX_CHARACTERS
    assert list(features("a" * 10**6)) == list(features("a" * MAX_CHARACTERS))


def test_case_width_plural_and_traditional_characters_are_the_same() -> None:
    assert list(features("Software ENGINEERS")) == list(features("ｓｏｆｔｗａｒｅ engineer"))
    assert list(features("軟體工程師")) == list(features("软体工程师"))


def test_another_encoder_has_no_map() -> None:
    assert title_encoder("all-minilm-l6-v2@0") is None


def test_titles_of_two_versions_are_not_compared(titles: TitleEncoder, base: SentenceEncoder) -> None:
    roles = [titles.packed([said], base.embed([said])) for said in ("Nurse", "Registered nurse")]
    talent = replace(talent_profile("t", 1, {}), role_vectors=roles[0])
    same, older, none = (
        replace(job_profile(id, 1, {}), role_vectors=rows)
        for id, rows in (("a", roles[1]), ("b", bytes(TAG) + roles[1][TAG:]), ("c", b""))
    )
    near, *others = measure([talent], [same, older, none], [0.5, 0.5, 0.5])
    assert near.role is not None
    assert near.role > 0.5
    assert [each.role for each in others] == [None, None]
    assert measure([talent], [same], [0.5])[0] == near
    assert titles.packed([""], base.embed([""])) == b""


def test_the_file_says_what_it_was_trained_on() -> None:
    about = WEIGHTS.read_bytes()[:4096]
    for said in (b"ESCO", b"O*NET", b"CC BY 4.0", b"MIT"):
        assert said in about


async def test_it_is_a_model_of_the_registry_with_its_training_data(base: SentenceEncoder, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / MODEL_NAME).symlink_to(ensure_model(cache_dir()))
    entry = await Registry(tmp_path).pull(TITLES, lambda *_: None)
    model = open_encoder(entry)
    said = ("Nurse", "护士")
    assert model.version == TITLES.vector_version
    assert model.dimensions == TITLES.dimensions
    found = title_encoder(base.version)
    assert found
    np.testing.assert_array_equal(model.embed(said), found.embed(said, base.embed(said)))
    assert {each.licence.split(";")[0] for each in TITLES.trained_on} == {"CC BY 4.0", "MIT, Antao Li", "Apache-2.0"}
    with pytest.raises(ValueError, match="maps vectors of"):
        TitleModel("v", model, found)
