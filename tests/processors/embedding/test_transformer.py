"""Transformer encoders on a tiny real one: made here, with a tokenizer of its own, exported without PyTorch."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.embedding.batches import batches
from processors.embedding.model import EmbeddingModel
from processors.embedding.pool import EmbeddingPool
from processors.embedding.transformer import TransformerConfig, TransformerEncoder
from streams.models.encoders import encoder_at
from streams.models.export import ExportError, export_bert
from streams.models.manifest import Encoder, File, Manifest, PathSource
from streams.models.registry import Registry
from tests.tiny_bert import write_tiny_bert

TEXTS = ["data engineer", "a", "nurse in a hospital " * 6, "  ", "后端工程师", "engineer " * 200, "\ud800 \0 x"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_bert(folder)
    export_bert(folder, folder / "model.onnx")
    return folder


@pytest.fixture(scope="module")
def encoder(folder: Path) -> EmbeddingModel:
    return TransformerEncoder(folder, "tiny@1", TransformerConfig(max_tokens=32))


@given(st.lists(st.integers(1, 3000), max_size=50), st.integers(1, 20))
def test_batches_hold_every_text_once_and_are_bounded(lengths: list[int], most: int) -> None:
    found = list(batches(lengths, most))
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) <= most
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 2048


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_a_vector_does_not_depend_on_its_batch(folder: Path, encoder: EmbeddingModel, size: int) -> None:
    other = TransformerEncoder(folder, "tiny@1", TransformerConfig(max_tokens=32, batch_texts=size))
    alone = np.concatenate([encoder.embed([t]) for t in TEXTS])
    np.testing.assert_allclose(other.embed(TEXTS), alone, atol=1e-4)


def test_rows_have_length_one_and_blank_texts_none(encoder: EmbeddingModel) -> None:
    rows = encoder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [0.0 if not t.strip() else 1.0 for t in TEXTS], atol=1e-5)
    assert encoder.embed([]).shape == (0, encoder.dimensions)


def test_a_long_text_is_the_mean_of_its_windows(encoder: EmbeddingModel) -> None:
    text = "engineer " * 40 + "nurse " * 40
    owners, windows = encoder.windows([text])  # type: ignore[attr-defined]
    assert len(windows) > 2
    assert set(owners) == {0}
    assert max(map(len, windows)) <= 32
    # The end of it counts: with the first window alone both would be the same.
    assert encoder.embed([text])[0] @ encoder.embed(["engineer " * 80])[0] < 0.9999


def test_the_rest_of_an_endless_text_is_not_read(encoder: EmbeddingModel) -> None:
    assert len(encoder.windows(["engineer " * 100_000])[1]) <= 16  # type: ignore[attr-defined]


def test_pooling_and_prefix_count(folder: Path, encoder: EmbeddingModel) -> None:
    for other in (TransformerConfig(pooling="cls"), TransformerConfig(prefix="query: ")):
        assert encoder.embed(["nurse"])[0] @ TransformerEncoder(folder, "x", other).embed(["nurse"])[0] < 0.9999


async def test_many_callers_get_what_one_would(encoder: EmbeddingModel) -> None:
    async with EmbeddingPool(encoder, workers=2) as pool:
        rows = await asyncio.gather(*(pool.embed([t, f"{t} {i}"]) for i in range(20) for t in TEXTS))
    np.testing.assert_allclose(rows[0], encoder.embed([TEXTS[0], f"{TEXTS[0]} 0"]), atol=1e-4)


def test_xlm_roberta_has_its_positions_after_the_padding(folder: Path, tmp_path: Path) -> None:
    write_tiny_bert(tmp_path, model_type="xlm-roberta")
    export_bert(tmp_path, tmp_path / "model.onnx")
    found = TransformerEncoder(tmp_path, "x", TransformerConfig()).embed(["data engineer"])
    assert np.isfinite(found).all()
    assert found[0] @ TransformerEncoder(folder, "x", TransformerConfig()).embed(["data engineer"])[0] < 0.9999


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "gpt2"}, "gpt2"),
        ({"hidden_act": "relu"}, "GELU"),
        ({"num_hidden_layers": 9}, "lacks"),
        ({"num_attention_heads": 5}, "multiple"),
    ],
)
def test_what_cannot_be_exported_is_said(tmp_path: Path, change: dict[str, object], said: str) -> None:
    write_tiny_bert(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    with pytest.raises(ExportError, match=said):
        export_bert(tmp_path, tmp_path / "model.onnx")


async def test_a_pulled_folder_is_an_encoder(tmp_path: Path) -> None:
    write_tiny_bert(tmp_path)
    names = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    manifest = Manifest(
        name="tiny",
        version="1",
        source=PathSource(path=str(tmp_path)),
        files=tuple(File(path=n) for n in names),
        licence="Apache-2.0",
        dimensions=32,
        encoder=Encoder(export="bert", max_tokens=64),
    )
    entry = await Registry(tmp_path / "cache").pull(manifest, lambda *_: None)
    assert entry.folder
    model = encoder_at(entry.folder)
    assert (model.dimensions, model.version) == (32, entry.manifest.vector_version)
    assert entry.manifest.pinned
