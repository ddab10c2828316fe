"""What processes keep of the words that they read, and that they let go of it."""

from connectors.documents import Document
from connectors.resumes import parser
from processors.lexicon import kept_words
from processors.resume.roles import employer_score

RESUME = """王芳
电话：13800138000  邮箱：wangfang@example.com
工作经历
2019.03 - 2023.06 上海星河软件有限公司 后端工程师
负责订单系统的设计与开发，使用 Java、MySQL 和 Redis
教育背景
2015.09 - 2019.06 复旦大学 计算机科学与技术 本科
"""


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
