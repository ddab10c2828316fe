"""The model of phrases is made of lists, and reads back as it was made."""

from pathlib import Path

import pytest

from ops.training.phrases import __main__ as training
from ops.training.phrases.texts import Text
from processors.lexicon import phrases

TITLES = ["Obermelker", "Untermelker", "Melker", "Gärtner", "Bäcker", "Schlosser"]
FIRMS = ["Melkhof Nord GmbH", "Gartenbau Süd GmbH", "Backwaren Ost GmbH", "Schloss West GmbH"]


def test_what_is_learnt_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [Text(t, "title", "de") for t in TITLES] + [Text(t, "employer", "de") for t in FIRMS]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "phrases.bin").write_bytes(training.content_of(training.fit(texts)))
    monkeypatch.setattr(phrases, "files", lambda _: tmp_path)
    phrases._weights.cache_clear()
    phrases.shares.cache_clear()
    try:
        assert phrases.shares("Zuckerbäcker").title > 0.5
        assert phrases.shares("Molkerei Mitte GmbH").employer > 0.5
    finally:
        phrases._weights.cache_clear()
        phrases.shares.cache_clear()
