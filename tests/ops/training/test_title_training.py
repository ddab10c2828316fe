"""How the encoder of titles is made: Chinese titles from a glossary, and contrast between occupations."""

import random

import numpy as np
import pytest

from ops.training.titles.chinese import glossary, translated
from ops.training.titles.network import Settings, Titles, learn
from ops.training.titles.occupations import Occupation

OCCUPATIONS = [
    Occupation("baker", ("baker", "bread maker", "pastry cook"), (("baker", "面包师"),)),
    Occupation("judge", ("judge", "magistrate", "justice of the peace"), (("judge", "法官"),)),
    Occupation("diver", ("diver", "frogman", "underwater worker")),
    Occupation("tailor", ("tailor", "dressmaker", "clothier")),
]


@pytest.mark.parametrize(
    ("title", "chinese"),
    [
        ("Professor of Economics", "经济学教授"),
        ("network engineer", "网络工程师"),
        ("Senior Tax Inspectors", None),
        ("zymurgist", None),
    ],
)
def test_a_title_is_put_together_word_by_word_if_all_are_known(title: str, chinese: str | None) -> None:
    made = {translated(title, random.Random(seed)) for seed in range(20)}
    assert chinese in made if chinese else not made & {""}


def test_every_line_of_the_glossary_says_something() -> None:
    assert all(english == english.lower() and all(meant) for english, meant in glossary().items())


def test_titles_of_one_occupation_come_together() -> None:
    def nothing(texts: list[str]) -> np.ndarray:
        return np.zeros((len(texts), 8), dtype=np.float32)

    titles = Titles(OCCUPATIONS, nothing, seldom=0)
    settings = Settings(dimensions=8, steps=120, batch=4)
    losses: list[float] = []
    learned = learn(titles, OCCUPATIONS, settings, lambda _, loss: losses.append(loss))
    rows = titles.rows @ learned.vectors
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    baker, bread, judge, chinese = titles.numbers(["baker", "bread maker", "judge", "面包师"])
    assert rows[baker] @ rows[bread] > rows[baker] @ rows[judge]
    assert rows[baker] @ rows[chinese] > rows[judge] @ rows[chinese]
    assert losses[-1] < losses[0]
    again = learn(titles, OCCUPATIONS, settings, lambda *_: None)
    np.testing.assert_array_equal(again.vectors, learned.vectors)
