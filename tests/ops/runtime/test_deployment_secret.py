"""The deployment's secret: given, or made once and for its owner's eyes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import SecretStr

from ops.runtime.secret import secret_of
from schemas.settings import Settings


def test_it_is_made_once_however_many_ask_and_others_cannot_read_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: secret_of(settings), range(16)))
    assert len(found) == 1
    assert len(found.pop()) >= 32
    (file,) = [each for each in (tmp_path / "data").iterdir() if each.is_file()]
    assert file.stat().st_mode & 0o077 == 0


def test_one_that_is_set_is_taken_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data").changed(api__secret=SecretStr("s" * 40))
    assert secret_of(settings) == b"s" * 40
    assert not list(tmp_path.iterdir())
