"""Which slot somebody asks for, so that a bare answer is understood as one."""

import re

from processors.lexicon.script import fold, plain

_ASKS = re.compile(
    r"[?？吗呢]|多少|什么|哪|几|怎么|\b(?:what|where|which|how|when|do you|are you|would you|could you|can you|tell me)\b|请(?:问|告诉|说)"
)
_SLOTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (slot, re.compile(pattern))
    for slot, pattern in (
        ("salary", r"薪|工资|待遇|预算|月入|\b(?:salary|pay|compensation|budget|package|rate)\b"),
        ("years", r"经验|年限|几年|多少年|工作多久|\b(?:experience|how many years|how long)\b"),
        ("places", r"城市|地点|地方|哪里|哪儿|在哪|地区|\b(?:city|cities|where|location|located|place|based)\b"),
        ("education", r"学历|学位|毕业|\b(?:degree|education|qualification)\b"),
        ("employment_type", r"全职|兼职|实习|\b(?:full[- ]time|part[- ]time|internship|contract)\b"),
        ("skills", r"技能|技术|语言|擅长|会(?:什么|哪些)|\b(?:skills?|technolog(?:y|ies)|stack|languages?|tools)\b"),
        ("date", r"时间|哪天|几点|什么时候|何时|\b(?:when|what time|which day|date)\b"),
        ("company", r"公司|企业|\bcompan(?:y|ies)\b"),
        ("role", r"岗位|职位|工作|方向|角色|\b(?:role|position|job|title|kind of work)\b"),
    )
)


def asked_in(text: str) -> str | None:
    """Return the slot that the last question of a text asks for; None if it asks for none."""
    sentences = [s for s in re.split(r"(?<=[?？。!！.\n])", plain(fold(text))) if _ASKS.search(s)]
    for sentence in reversed(sentences):
        if found := next((slot for slot, pattern in _SLOTS if pattern.search(sentence)), None):
            return found
    return None
