"""`looma parse` shows profiles as a table, as JSON with places, and in two standards; what cannot be read is told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli.main import main as cli

TEXT = """欧阳文博
男 | 1990-05-02 | 上海 | 13800138000 | wenbo@example.com | https://github.com/wenbo
求职意向：高级Java工程师
期望薪资：20-30K
到岗时间：随时
工作经历
云帆科技有限公司	高级Java工程师	2019.03-至今
- 负责Kafka平台
教育背景
浙江大学	计算机	硕士	2010-2013
项目经历
交易平台	2020-2021
语言能力
英语 流利
证书
PMP 2020-05
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"basics": {"name": "Ada Vogel"}, "work": [{"name": "Acme Inc"}]}))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7 broken")
    return [str(tmp_path / name) for name in ("a.txt", "b.json", "c.pdf")]


def test_profiles_as_tables(files: list[str]) -> None:
    result = CliRunner().invoke(cli, ["parse", *files[:2]], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    for shown in (
        "欧阳文博",
        "云帆科技有限公司",
        "2019-03 – now",
        "浙江大学",
        "20000",
        "Kafka",
        "PMP",
        "Ada Vogel",
        "Acme Inc",
    ):
        assert shown in result.output


def test_profiles_as_json_and_a_file_that_cannot_be_read(files: list[str]) -> None:
    result = CliRunner().invoke(cli, ["parse", "--json", files[0], files[2]])
    assert result.exit_code == 1
    profile, error = map(json.loads, result.stdout.strip().splitlines())
    start, end = profile["profile"]["work"][0]["employer"]["spans"][0]
    assert TEXT[start:end] == "云帆科技有限公司"
    assert error["error"] == "damaged"


def test_the_standards(files: list[str]) -> None:
    result = CliRunner().invoke(cli, ["parse", "--format", "json-resume", files[0]])
    assert json.loads(result.stdout)["basics"]["name"] == "欧阳文博"
    result = CliRunner().invoke(cli, ["parse", "--format", "hr-open", files[1]])
    assert json.loads(result.stdout)["person"]["name"]["family"] == "Vogel"
    assert CliRunner().invoke(cli, ["parse", files[2]]).exit_code == 1
