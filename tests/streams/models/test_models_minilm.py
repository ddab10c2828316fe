"""The export on a real transformer, against figures that its makers published."""

import asyncio

import numpy as np
import pytest

from streams.models.builtin import MINILM
from streams.models.downloads import cache_dir
from streams.models.encoders import open_encoder
from streams.models.registry import Entry, Registry

SENTENCES = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]


@pytest.fixture(scope="module")
def entry() -> Entry:
    return asyncio.run(Registry(cache_dir()).pull(MINILM, lambda *_: None))


def test_similarities_are_those_that_the_documentation_of_sentence_transformers_shows(entry: Entry) -> None:
    rows = open_encoder(entry).embed(SENTENCES)
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(rows @ rows.T, published, atol=1e-4)


def test_a_vector_does_not_depend_on_its_batch(entry: Entry) -> None:
    encoder = open_encoder(entry)
    texts = [*SENTENCES, "nurse", "a long sentence about engineers " * 60]
    np.testing.assert_allclose(encoder.embed(texts), np.concatenate([encoder.embed([t]) for t in texts]), atol=1e-4)
