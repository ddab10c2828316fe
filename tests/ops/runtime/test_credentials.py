"""The credential of the embedded servers: who gets it, and who never does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ops.runtime import credentials
from ops.runtime.settings import ReadSettings
from schemas.settings import Settings

QDRANT, MONGODB = 16_001, 16_002


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    credentials.ensure(tmp_path, "qdrant", QDRANT)
    credentials.ensure(tmp_path, "mongodb", MONGODB)
    return tmp_path


def settings(folder: Path, mongodb: str = f"mongodb://127.0.0.1:{MONGODB}") -> Settings:
    return ReadSettings(
        data_dir=folder,
        qdrant={"url": f"http://127.0.0.1:{QDRANT}"},  # type: ignore[arg-type]
        mongodb={"url": mongodb},  # type: ignore[arg-type]
    )


def test_one_secret_is_made_and_kept(tmp_path: Path) -> None:
    secret = credentials.ensure(tmp_path, "qdrant", 1)
    assert credentials.ensure(tmp_path, "mongodb", 2) == credentials.ensure(tmp_path, "qdrant", 3) == secret
    assert credentials.read(tmp_path) == (secret, {"qdrant": 3, "mongodb": 2})
    assert len(secret) >= 40
    assert credentials.ensure(tmp_path / "other", "qdrant", 1) != secret


def test_only_its_owner_reads_it_whatever_it_was_before(folder: Path) -> None:
    file = credentials.file(folder)
    file.chmod(0o644)
    credentials.ensure(folder, "qdrant", QDRANT)
    assert file.stat().st_mode & 0o777 == 0o600


def test_settings_of_the_folder_have_it(folder: Path) -> None:
    secret = credentials.ensure(folder, "qdrant", QDRANT)
    found = settings(folder)
    assert found.qdrant.api_key == SecretStr(secret)
    assert found.mongodb.url.get_secret_value() == f"mongodb://looma:{secret}@127.0.0.1:{MONGODB}/?authSource=admin"
    assert secret not in repr(found)
    before = found.model_copy(deep=True)
    credentials.pick_up(found)
    assert found == before, "filled in once"


def test_options_of_the_url_stay(folder: Path) -> None:
    url = settings(folder, f"mongodb://localhost:{MONGODB}/x?w=1").mongodb.url.get_secret_value()
    assert url.endswith(f"@localhost:{MONGODB}/x?w=1&authSource=admin")


def test_what_is_set_is_not_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOMA_QDRANT__API_KEY", "mine")
    own = f"mongodb://me:mine@127.0.0.1:{MONGODB}/"
    found = settings(folder, own)
    assert found.qdrant.api_key == SecretStr("mine")
    assert found.mongodb.url == SecretStr(own)


ELSEWHERE = st.one_of(
    st.from_regex(r"(mongodb|http|https)://[a-z0-9.:,@/\[\]-]{0,40}", fullmatch=True),
    st.sampled_from(
        [
            f"mongodb://db.example:{MONGODB}",
            "mongodb://127.0.0.1:27017",
            "mongodb://127.0.0.1",
            f"mongodb://127.0.0.1:{MONGODB},db.example:27017",
            f"mongodb://127.0.0.1:{MONGODB}@db.example/",
            f"mongodb://db.example/?x=127.0.0.1:{MONGODB}",
            "mongodb://[half",
        ]
    ),
    st.text(max_size=40),
)


@given(url=ELSEWHERE)
def test_no_other_server_is_told_it(tmp_path_factory: pytest.TempPathFactory, url: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "credentials"
    secret = credentials.ensure(folder, "qdrant", QDRANT)
    credentials.ensure(folder, "mongodb", MONGODB)
    # As it is: settings of today refuse most of these.
    found = Settings(data_dir=folder)
    found.mongodb.url, found.qdrant.url = SecretStr(url), url
    credentials.pick_up(found)
    assert secret not in found.mongodb.url.get_secret_value()
    assert found.qdrant.api_key is None


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"secret": 1}', '{"secret": "x", "ports": {"qdrant": "no"}}', "\0"])
def test_a_damaged_file_is_none(tmp_path: Path, kept: str) -> None:
    path = credentials.file(tmp_path)
    path.parent.mkdir()
    path.write_text(kept)
    assert credentials.read(tmp_path) is None
    assert settings(tmp_path).qdrant.api_key is None
    assert credentials.ensure(tmp_path, "qdrant", QDRANT)
