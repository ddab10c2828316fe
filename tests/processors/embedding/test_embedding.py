"""What is embedded, how the pool shares the work, and what the default model does with Chinese and English."""

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.training.sentence_encoder import GRAPH, build
from processors.embedding.model import SentenceEncoder, Vectors
from processors.embedding.pool import EmbeddingPool
from processors.embedding.record_parts import record_parts
from processors.embedding.resume_parts import MAX_PARTS, PART_CHARACTERS, resume_parts
from processors.embedding.single_text import description
from processors.embedding.texts import MAX_CHARACTERS, record_text, text_hash
from streams.models.default_model import ensure_model
from streams.models.downloads import cache_dir
from tests.support.growth import grows_no_faster_than_its_input

TALENT: dict[str, Any] = {
    "name": "王晓明",
    "emails": ["wang@example.com"],
    "phones": ["+86 138 0013 8000"],
    "title": "后端工程师",
    "summary": "王晓明，五年经验，电话 138-0013-8000，邮箱wang@example.com，微信：wang_88，https://wang.example/cv 。",
    "skills": [{"name": "Python"}, {"name": "Kafka"}],
    "employments": [
        {"company": "甲公司", "title": "初级工程师", "start": "2018-01-01", "end": "2019-01-01"},
        {"company": "乙公司", "title": "工程师", "start": "2019-01-01", "description": "负责支付系统"},
    ],
}
PAIRS = [
    ("后端开发工程师", "Backend Engineer"),
    ("数据分析师", "Data Analyst"),
    ("会计", "Accountant"),
    ("儿科护士", "Paediatric Nurse"),
    ("产品经理", "Product Manager"),
    ("供应链经理", "Supply Chain Manager"),
]


class TestTexts:
    def test_has_professional_content_and_nothing_that_identifies(self) -> None:
        text = record_text("talent", TALENT)
        for wanted in ("后端工程师", "Python", "Kafka", "五年经验", "负责支付系统"):
            assert wanted in text
        for private in ("王晓明", "wang", "138", "8000", "example", "甲公司", "乙公司"):
            assert private not in text

    def test_names_are_cut_as_whole_words(self) -> None:
        fields = {"name": "Ann Mark", "summary": "Ann MARK works in marketing and planning. Mark leads."}
        assert record_text("talent", fields) == "works in marketing and planning. leads."

    def test_the_newest_work_comes_first(self) -> None:
        text = record_text("talent", TALENT)
        assert text.index("负责支付系统") < text.index("初级工程师")

    def test_required_skills_of_a_job_come_first(self) -> None:
        job = {"title": "Engineer", "skills": [{"name": "Go", "required": False}, {"name": "Rust", "required": True}]}
        assert record_text("job", job) == "Engineer\nRust, Go"

    def test_half_an_address_at_the_cut_does_not_slip_through(self) -> None:
        long = "职责" * (MAX_CHARACTERS - 3) + "abc@d.example"
        assert "abc" not in record_text("job", {"description": long})

    @given(st.text(max_size=3000), st.text(max_size=400))
    def test_any_text_is_bounded(self, summary: str, title: str) -> None:
        text = record_text("talent", {"title": title, "summary": summary})
        assert len(text) <= MAX_CHARACTERS
        assert len(text_hash(text)) == 64

    @given(st.permutations(["Python", "Kafka", "Go", "SQL"]))
    def test_the_order_of_skills_means_nothing(self, names: list[str]) -> None:
        text = record_text("talent", {"skills": [{"name": n} for n in names]})
        assert text == "Go, Kafka, Python, SQL"

    @pytest.mark.parametrize("hostile", ["a", "1 ", "a@", "1("])
    def test_hostile_texts_cost_little(self, hostile: str) -> None:
        def read(times: int) -> None:
            text = hostile * times
            record_text("talent", {"summary": text, "employments": [{"title": "x", "description": text}] * 100})

        assert grows_no_faster_than_its_input(read, most=4000)

    def test_empty_records_have_an_empty_text(self) -> None:
        assert record_text("talent", {"title": None, "skills": None, "employments": None}) == ""


class TestRecordParts:
    def test_a_talents_are_what_was_done_and_nothing_that_identifies(self) -> None:
        found = record_parts("talent", TALENT)
        assert {"后端工程师", "五年经验", "工程师", "负责支付系统", "初级工程师"} <= set(found)
        for private in ("王晓明", "wang", "138", "8000", "example", "甲公司", "乙公司", "Kafka"):
            assert private not in "\n".join(found)

    def test_a_jobs_are_what_it_insists_on(self) -> None:
        job = {
            "title": "Java工程师",
            "description": "岗位职责\n1. 负责交易系统；2. 维护网关\n加分项\n会Go\n福利\n五险一金",
        }
        assert record_parts("job", job) == ["Java工程师", "负责交易系统", "维护网关"]

    def test_what_stands_in_for_missing_text(self) -> None:
        skills = {"skills": [{"name": "Redis"}, {"name": "Go"}]}
        assert record_parts("talent", skills | {"resume_text": "王五\n搭建平台", "name": "王五"}) == ["搭建平台"]
        assert record_parts("talent", skills) == record_parts("job", skills) == ["Go", "Redis"]
        assert record_parts("talent", {}) == record_parts("job", {"description": None}) == []

    @given(st.text(max_size=9000), st.integers(1, 24))
    def test_are_bounded(self, text: str, most: int) -> None:
        for found in (
            record_parts("talent", {"summary": text, "title": text}, most),
            record_parts("job", {"description": text, "title": text}, most),
        ):
            assert len(found) <= most
            assert all(part and len(part) <= 400 for part in found)

    def test_half_an_address_at_the_cut_does_not_slip_through(self) -> None:
        assert "abc" not in "".join(record_parts("talent", {"summary": "职责" * 1997 + "abc@d.example"}))

    @pytest.mark.parametrize("hostile", ["a", "1 ", "a@", "1("])
    def test_hostile_texts_cost_little(self, hostile: str) -> None:
        def read(times: int) -> None:
            text = hostile * times
            record_parts("talent", {"summary": text, "employments": [{"title": text, "description": text}] * 100})
            record_parts("job", {"description": text})

        assert grows_no_faster_than_its_input(read, most=4000)


class TestResumeParts:
    def test_parts_are_whole_lines_and_begin_at_headings(self) -> None:
        jobs = "\n".join(f"负责第{n}个系统的设计与开发" for n in range(20))
        parts = resume_parts({"resume_text": f"个人简介\n{jobs}\n教育背景\n浙江大学 本科\n技能\nPython"})
        assert "\n".join(parts).count("负责第") == 20
        assert parts[-1] == "教育背景\n浙江大学 本科\n技能\nPython", "short sections stay together"
        assert parts[0].startswith("个人简介\n负责第0个")

    def test_what_identifies_is_cut_and_employers_stay(self) -> None:
        text = (
            "王晓明\n男 | 1990年5月生 | 籍贯：山东\n电话：138-0013-8000 邮箱：wang@example.com\n家庭住址：上海市徐汇区天平路1号\n"
            "甲公司 工程师 2019.03 - 2021.05\nAddress: 1 Main St, Boston\nWrote for Wang Ltd"
        )
        told = "\n".join(resume_parts(TALENT | {"resume_text": text}))
        for private in ("王晓明", "男", "1990", "山东", "8000", "@", "天平路", "Main St"):
            assert private not in told
        assert "甲公司 工程师" in told
        assert "Wrote for Wang Ltd" in told

    @given(st.text(max_size=5000))
    def test_any_text_is_bounded_and_nothing_is_said_twice(self, text: str) -> None:
        parts = resume_parts({"resume_text": text * 20})
        assert len(parts) <= MAX_PARTS
        assert all(part.strip() and len(part) <= PART_CHARACTERS for part in parts)

    @pytest.mark.parametrize("hostile", ["a", "1 ", "a@", "\n", "地址："])
    def test_hostile_texts_cost_little(self, hostile: str) -> None:
        assert grows_no_faster_than_its_input(
            lambda times: resume_parts({"resume_text": hostile * times, "name": "王"}), most=4000
        )

    def test_a_json_resume_is_its_values(self) -> None:
        basics = {"name": "王晓明", "email": "wang@example.com", "location": {"address": "天平路1号", "city": "上海"}}
        document = {
            "basics": basics,
            "work": [{"name": "甲公司", "startDate": "2019-03-01", "highlights": ["搭建平台"]}],
        }
        text = json.dumps(document, ensure_ascii=False, indent=1)
        assert resume_parts(TALENT | {"resume_text": text}) == ["上海\n甲公司\n搭建平台"]
        damaged = "\n".join(resume_parts(TALENT | {"resume_text": text[:-3]}))
        assert "甲公司" in damaged
        assert not any(private in damaged for private in ("王晓明", "example", "天平路"))
        assert resume_parts({"resume_text": '{"a":' * 5000})

    def test_no_resume_has_no_parts(self) -> None:
        assert resume_parts({}) == resume_parts({"resume_text": None}) == resume_parts({"resume_text": " \n"}) == []


class Counting:
    """A model that counts, and can be slow."""

    version = "counting@1"
    dimensions = 2

    def __init__(self, seconds: float = 0.0) -> None:
        self.seen: list[str] = []
        self.running = self.peak = 0
        self._seconds = seconds
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            self.running += 1
            self.peak = max(self.peak, self.running)
            self.seen += texts
        time.sleep(self._seconds)
        with self._lock:
            self.running -= 1
        return np.array([[len(t), 1.0] for t in texts], dtype=np.float32)


class Held(Counting):
    """A model that embeds nothing until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            self.running += 1
            self.peak = max(self.peak, self.running)
        assert self.may.wait(30), "nobody could say so: the event loop waits for the model"
        with self._lock:
            self.running -= 1
        return np.ones((len(texts), 2), dtype=np.float32)


class TestPool:
    async def test_keeps_order_and_embeds_each_text_once(self) -> None:
        model = Counting()
        async with EmbeddingPool(model) as pool:
            rows = await pool.embed(["ccc", "a", "bb", "a"])
            assert rows[:, 0].tolist() == [3, 1, 2, 1]
            await pool.embed(["a", "bb"])
            assert sorted(model.seen) == ["a", "bb", "ccc"]
            assert (pool.version, pool.dimensions) == ("counting@1", 2)

    async def test_the_cache_forgets_what_was_used_longest_ago(self) -> None:
        model = Counting()
        async with EmbeddingPool(model, cache_size=2) as pool:
            for text in ("a", "b", "a", "c", "a", "b"):
                await pool.embed([text])
        assert model.seen == ["a", "b", "c", "b"]

    async def test_no_texts_give_no_rows(self) -> None:
        async with EmbeddingPool(Counting()) as pool:
            assert (await pool.embed([])).shape == (0, 2)

    async def test_the_event_loop_stays_free_and_threads_are_bounded(self) -> None:
        model = Held()
        async with EmbeddingPool(model, workers=2) as pool:
            work = asyncio.gather(*(pool.embed([str(i)]) for i in range(6)))
            async with asyncio.timeout(30):
                while model.running < 2:
                    await asyncio.wait([work], timeout=0.005)
            model.may.set()
            await work
        assert model.peak == 2

    async def test_one_large_request_uses_every_thread(self) -> None:
        model = Counting(seconds=0.02)
        async with EmbeddingPool(model, workers=2) as pool:
            rows = await pool.embed(["x" * i for i in range(100)])
        assert rows[:, 0].tolist() == list(range(100))
        assert model.peak == 2

    async def test_who_asks_as_the_last_thread_finds_nothing_more_is_served(self) -> None:
        """Once such a caller waited until somebody else asked."""
        resting = asyncio.Event()

        class Watched(EmbeddingPool):
            def _next_chunk(self) -> list[str]:
                chunk = super()._next_chunk()
                if not chunk:
                    resting.set()
                return chunk

        async with Watched(Counting()) as pool:

            async def late() -> Vectors:
                await resting.wait()
                return await pool.embed(["bb"])

            task = asyncio.create_task(late())
            await pool.embed(["a"])
            rows = await asyncio.wait_for(task, 10)
        assert rows[:, 0].tolist() == [2]

    async def test_refuses_work_after_close(self) -> None:
        pool = EmbeddingPool(Counting())
        await pool.close()
        await pool.close()
        with pytest.raises(RuntimeError, match="closed"):
            await pool.embed(["a"])


@pytest.fixture(scope="session")
def model_path() -> Path:
    return ensure_model(cache_dir())


@pytest.fixture(scope="module")
def encoder(model_path: Path) -> SentenceEncoder:
    return SentenceEncoder(model_path)


STRANGE = ["\0", "a\0b", "\ud800", "😀", "\u202e", "\u00ad", "。", "▁", "x" * 5000]


class TestSentenceEncoder:
    def test_says_its_version_and_dimensions(self, encoder: SentenceEncoder) -> None:
        assert encoder.version == "use-multilingual-v3-int8@b8b05b01f086"
        assert encoder.dimensions == 512

    def test_a_vector_does_not_depend_on_its_neighbours(self, encoder: SentenceEncoder) -> None:
        texts = ["负责后端服务的设计" * 20, "Go", "data analyst in retail", "数据"]
        rows = encoder.embed(texts)
        assert rows.shape == (4, 512)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
        for text, row in zip(texts, rows, strict=True):
            assert np.array_equal(encoder.embed([text])[0], row)

    def test_finds_the_same_title_in_the_other_language(self, encoder: SentenceEncoder) -> None:
        chinese, english = (encoder.embed(side) for side in zip(*PAIRS, strict=True))
        similarity = chinese @ english.T
        expected = list(range(len(PAIRS)))
        assert similarity.argmax(axis=0).tolist() == expected
        assert similarity.argmax(axis=1).tolist() == expected

    @pytest.mark.parametrize("text", ["", "  \n"])
    def test_blank_texts_are_similar_to_nothing(self, encoder: SentenceEncoder, text: str) -> None:
        assert not encoder.embed([text]).any()

    @pytest.mark.parametrize("text", STRANGE)
    def test_strange_texts_do_no_harm(self, encoder: SentenceEncoder, text: str) -> None:
        assert np.isfinite(encoder.embed([text])).all()

    def test_its_own_network_gives_the_vectors_of_the_published_one(
        self, encoder: SentenceEncoder, model_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(description(), "sha256", "of another file")
        published = SentenceEncoder(model_path)
        assert (published.version, published.dimensions) == (encoder.version, encoder.dimensions)
        lengths = [" ".join(f"word{n}" for n in range(count)) for count in range(1, 40)]
        texts = [text for pair in PAIRS for text in pair] + STRANGE + ["负责后端服务的设计。" * 60, *lengths]
        np.testing.assert_allclose(encoder.embed(texts), published.embed(texts), rtol=0, atol=1e-6)

    def test_its_network_is_what_the_script_makes(self, model_path: Path) -> None:
        made, about = build(model_path)
        assert GRAPH.read_bytes() == made
        assert orjson.loads(GRAPH.with_suffix(".json").read_bytes()) == orjson.loads(orjson.dumps(about))

    async def test_threads_share_it(self, encoder: SentenceEncoder) -> None:
        texts = [f"工程师 {i}" for i in range(40)]
        async with EmbeddingPool(encoder, workers=2) as pool:
            parts = await asyncio.gather(*(pool.embed(texts[i::4]) for i in range(4)))
        for i, part in enumerate(parts):
            assert np.array_equal(part, encoder.embed(texts[i::4]))
