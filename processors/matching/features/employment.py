"""The form of the work: full or part time, permanent or for a while."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, Feature, Finding, Text
from processors.matching.profile import Profile
from schemas.base import ContractType, EmploymentType, Language

NAME = "employment"
_LABELS = {
    "full_time": Text("全职", "full time"),
    "part_time": Text("兼职", "part time"),
    "casual": Text("临时工", "casual work"),
    "internship": Text("实习", "an internship"),
    "apprenticeship": Text("学徒", "an apprenticeship"),
    "volunteer": Text("志愿工作", "voluntary work"),
    "permanent": Text("长期合同", "permanent"),
    "fixed_term": Text("固定期限合同", "for a fixed term"),
    "agency": Text("劳务派遣", "through an agency"),
    "freelance": Text("自由职业", "freelance"),
}
_FORMS = frozenset(get_args(EmploymentType))
_CONTRACTS = frozenset(get_args(ContractType))


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the job offers a form of work and a contract that the talent accepts."""
    accepted, offered = frozenset(talent.terms.get(NAME, ())), frozenset(job.terms.get(NAME, ()))
    compared = [
        (offered & kinds, accepted & kinds) for kinds in (_FORMS, _CONTRACTS) if offered & kinds and accepted & kinds
    ]
    if not compared:
        return Finding(NEUTRAL, "unknown")
    for offer, wish in compared:
        if not offer & wish:
            return Finding(0.0, "other", (tuple(sorted(wish)), tuple(sorted(offer))))
    shared = accepted & offered
    return Finding(1.0, "met", (tuple(sorted(shared)),))


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    return {"have": _listed(facts[0], language), "want": _listed(facts[-1], language)}


def _listed(names: tuple[str, ...], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(_LABELS[name].of(language) for name in names)


def _said(fields: Mapping[str, Any]) -> Iterator[str]:
    yield from fields.get("employment_types") or ()
    yield from fields.get("contracts") or ()


FEATURE = Feature(
    name=NAME,
    label=Text("用工形式", "form of employment"),
    weight=0.02,
    score=score,
    reasons={
        "unknown": Text("用工形式未知", "Form of employment unknown"),
        "met": Text("用工形式符合期望：{want}", "Form of employment as wished: {want}"),
        "other": Text("职位为{want}，人才期望{have}", "The job is {want}; the talent looks for {have}"),
    },
    words=_words,
    reads={"talent": _said, "job": _said},
)
