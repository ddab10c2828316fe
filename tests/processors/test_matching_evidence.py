"""Evidence among a pool: what everybody has counts little, what is the same for all counts nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from processors.matching.evidence import evidence, rare_skills, rare_words, standardised
from processors.matching.meaning import pack
from processors.matching.profile import job_profile, talent_profile

matrices = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-1, 1, width=32))
)


def talent(*names):
    return talent_profile("t", 1, {"skills": [{"name": name} for name in names]})


def job(*names, required=True):
    return job_profile("j", 1, {"skills": [{"name": name, "required": required} for name in names]})


@given(matrices, st.floats(0.1, 9), st.floats(-5, 5))
def test_scale_and_offset_of_a_signal_do_not_count(signal, scale, offset):
    found = standardised(signal)
    assert np.isfinite(found).all()
    assert found.mean(axis=1) == pytest.approx(0, abs=1e-9)
    if found.any() and signal.std() > 1e-3 and standardised(signal * scale + offset).any():
        assert standardised(signal * scale + offset) == pytest.approx(found, abs=1e-3)


def test_an_ad_that_is_similar_to_everybody_loses_its_lead():
    signal = np.array([[0.9, 0.5], [0.9, 0.8], [0.9, 0.3]])
    assert standardised(signal, room=0)[1].argmax() == 0
    assert standardised(signal)[1].argmax() == 1


def test_rare_skills_count_more_and_stand_ins_in_part():
    talents = [talent("Java", "Excel"), talent("Excel"), talent("MySQL")]
    found = rare_skills(talents, [job("Java", "Excel"), job("PostgreSQL"), job()])
    assert found[0, 0] == 1
    assert 0 < found[1, 0] < 0.5
    assert found[2].tolist() == [0, pytest.approx(0.4), 0]


def test_words_shared_by_all_say_less():
    found = rare_words([["we", "kafka"], ["we", "nurse"]], [["we", "kafka", "kafka"], ["we"]])
    assert found[0, 0] > found[1, 0] > 0
    assert rare_words([[]], [[]]).tolist() == [[0]]


def test_all_of_it_is_added():
    rows = np.eye(2, dtype=np.float32)
    fill = {"title_vector": pack(rows[:1]), "section_vectors": pack(rows[:1])}
    other = {"title_vector": pack(rows[1:]), "section_vectors": pack(rows[1:])}
    talents = [replace(talent("Java"), **fill), replace(talent("Nursing"), **other)]
    jobs = [replace(job("Java"), **fill), replace(job("Nursing"), **other)]
    found = evidence(talents, jobs, np.eye(2), [["java"], ["nurse"]], [["java"], ["nurse"]])
    assert found == pytest.approx(np.array([[1, -1], [-1, 1]]))
    bare = evidence([talent("Java")], [job("Java")], np.eye(1), [[]], [[]])
    assert bare.tolist() == [[0]]
