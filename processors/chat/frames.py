"""A role that no list has, told by the sentence that asks for it: `找个火锅底料炒制的工作`, `any lash technician jobs`."""

import re

from processors.chat.roles import LEADS, PLAIN_WORDS
from processors.lexicon.places import named_places
from processors.lexicon.script import fold, plain
from processors.skills import extract_skills

_HAN = re.compile(
    r"(?:招聘?|找|求|缺|应聘|想?做|想?干|想?当|转行?做?|有没有|有|需要|来|要)(?:[一两三四五几\d]+)?(?:个|名|位|份|些|点)?(?:做|干|当|招)?(?P<role>[\u4e00-\u9fff]{2,6}?)"
    r"(?:的?(?:工作|职位|岗位|机会|活儿?|岗|坑|空缺|缺|人选|候选人)|(?=\s*(?:[,，。！!?？]|$)|的?(?:吗|么|没|呢)))"
)
_LATIN = re.compile(
    r"\b(?P<role>[a-z][a-z-]+(?: [a-z][a-z-]+){0,2}) (?:jobs?|roles?|positions?|openings?|vacanc(?:y|ies)|gigs?|opportunities|work)\b"
    r"|\b(?:work(?:ing)? as|jobs? as|positions? as|train as|hire|hiring|recruit(?:ing)?|need|looking for|after|find me|find) (?:a|an|some) "
    r"(?P<alone>[a-z][a-z-]+(?: [a-z][a-z-]+)?)(?= (?:in|near|around|with|who|for|that|at|from)\b|\s*[,.?!]|$)"
)
_MIXED = re.compile(
    r"(?P<role>[a-z][a-z/&-]*(?: [a-z][a-z/&-]*){0,2})\s*的?\s*(?:岗位?|职位|工作|活儿?|机会|坑|人选|候选人|人才)"
    r"|(?:找|招聘?|缺|来|要|想?做|应聘|物色|推荐?)\s*(?:[一几两三\d])?(?:个|位|名|些)?\s*(?P<alone>[a-z][a-z/&-]*(?: [a-z][a-z/&-]*){0,2})\s*(?=[,，。！!?？]|$|[\u4e00-\u9fff])"
)
_NO_ROLE_HAN = re.compile(
    r"什么|哪|怎|多少|合适|新|其[他它]|别的|工作|职位|岗|远程|兼职|全职|实习|男|女|啥|生$|家$|工读|打工|医院|学校|酒店|工厂|餐厅|饭店|幼儿园|药店|超市|公司|大厂|国企|外企|附近|本地|经验|学历|薪|工资|钱|双休|五险|包[吃住]|轻松|稳定|靠谱|好|不|没|就|能|会|可以|一[下点些]|看|帮|我|你|他|她|人|的|是|在|了|和|或|也|都|还|再"
)
_NO_ROLE_LATIN = PLAIN_WORDS | frozenset(
    "any some new more better similar other part-time full-time remote local nearby well-paid paid night day weekend shift"  # noqa: SIM905
    " these those which all every such good-paying what-kind right next perfect fully home based office break hand help favour"
    " supermarket restaurant factory hotel office shop store school hospital bar cafe summer winter weekend graduate entry"
    " lot bit way chance change raise time place person human agent call interview job career degree visa".split()
)


def framed_role(text: str) -> str | None:
    """Return the words that stand where a role is asked for; None if there are none, or they say something else."""
    folded = plain(fold(text))
    taken = [(start, end) for _, start, end in named_places(folded)]
    taken += [(m.start, m.start + len(m.text)) for m in extract_skills(folded)]

    def is_free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in taken)

    for match in _HAN.finditer(folded):
        start, end = match.span("role")
        start += max((cut.end() for cut in LEADS.finditer(match["role"])), default=0)
        role = folded[start:end]
        if len(role) > 1 and is_free(start, end) and _NO_ROLE_HAN.search(role) is None:
            return role
    for match in (*_LATIN.finditer(folded), *_MIXED.finditer(folded)):
        name = "role" if match["role"] else "alone"
        words = match[name].split()
        while words and words[0] in _NO_ROLE_LATIN:
            words = words[1:]
        start, end = match.end(name) - len(" ".join(words)), match.end(name)
        if words and not _NO_ROLE_LATIN & set(words) and is_free(start, end):
            return " ".join(words)
    return None
