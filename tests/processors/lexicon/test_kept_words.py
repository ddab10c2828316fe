"""What processes keep of the words that they read, and that they let go of it."""

import ast
from pathlib import Path

from connectors.documents import Document
from connectors.resumes import parser
from processors.lexicon import kept_words
from processors.resume.roles import employer_score

PROCESSORS = Path(kept_words.__file__).parents[1]
OF_NO_TEXT = {
    "advice.wording": {"_pattern"},  # of our own texts
    "masking": {"_tree"},  # by the name of a schema
    "matching.meaning": {"_sketch"},  # by size
    "resolution.compare": {"weights"},  # by kind of record
}
RESUME = """王芳
电话：13800138000  邮箱：wangfang@example.com
工作经历
2019.03 - 2023.06 上海星河软件有限公司 后端工程师
负责订单系统的设计与开发，使用 Java、MySQL 和 Redis
教育背景
2015.09 - 2019.06 复旦大学 计算机科学与技术 本科
"""


def test_every_function_that_keeps_answers_about_words_can_let_go_of_them() -> None:
    found: dict[str, set[str]] = {}
    for file in PROCESSORS.rglob("*.py"):
        module = ".".join(file.relative_to(PROCESSORS).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.args.args:
                named = {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
                if named & {"cache", "lru_cache", "kept_if_short"}:
                    found.setdefault(module, set()).add(node.name)
    listed = {module: set(functions) for module, functions in kept_words.FUNCTIONS.items()}
    assert found == {**listed, **OF_NO_TEXT}


def kept() -> int:
    loaded = [found for each in kept_words.names() if (found := kept_words.keeping(*each))]
    return sum(each.cache_info().currsize for each in loaded)  # type: ignore[attr-defined]


def test_a_process_that_has_parsed_a_resume_has_none_of_its_lines() -> None:
    employer_score("上海星河软件有限公司")
    assert kept()
    request = {"talent_id": "T1", "today": "2026-01-05"}
    answer = parser._answer(request, Document(format="text", text=RESUME).model_dump_json().encode())
    assert "上海星河软件有限公司" in answer["talent"]
    assert not kept()
