"""Evidence in words, in Chinese and English; it names kinds of agreement, never the values, so it may be logged."""

from collections.abc import Iterable

from processors.resolution.compare import Evidence
from schemas.base import Language

_TEXTS: dict[str, tuple[str, str]] = {
    "name.same": ("名称相同", "same name"),
    "name.same_short": ("名称相同（短名）", "same name, a short one that many may bear"),
    "name.homophone": ("姓名同音不同字", "names sound the same, other characters"),
    "name.romanised": ("名称与拼音一致", "one name is the other in pinyin"),
    "name.romanised_short": ("姓名与拼音一致（常见短名）", "one name is the other in pinyin, a short one"),
    "name.one_character": ("姓名相差一字", "names differ in one character"),
    "name.misspelt": ("名称写法相近", "names differ by a slip"),
    "name.english": ("英文名，姓相同", "an English given name with the same surname"),
    "name.masked": ("名字被隐去，姓相同", "the given name is withheld, the surname is the same"),
    "name.one_part": ("仅姓或名之一相同", "only the surname or a given name in common"),
    "name.different": ("名称不同", "different names"),
    "phone.same": ("电话相同", "a phone number in common"),
    "phone.misspelt": ("电话相差一位", "phone numbers differ in one digit"),
    "phone.different": ("电话不同", "no phone number in common"),
    "email.same": ("邮箱相同", "an email address in common"),
    "email.same_mailbox": ("邮箱用户名相同", "the same mailbox name at another provider"),
    "email.misspelt": ("邮箱相差一个字符", "email addresses differ in one letter"),
    "email.different": ("邮箱不同", "no email address in common"),
    "contact_and_name.name_and_one": ("姓名与联系方式同时相符", "name and a contact agree together"),
    "contact_and_name.name_and_both": ("姓名、电话和邮箱同时相符", "name, phone and email agree together"),
    "contact_and_name.part_and_one": ("联系方式相同，姓名仅部分相符", "a contact in common, the name agrees in part"),
    "contact_and_name.part_and_both": (
        "电话和邮箱相同，姓名仅部分相符",
        "phone and email in common, the name agrees in part",
    ),
    "contact_and_name.other_and_one": ("联系方式相同但姓名不同", "a contact in common under another name"),
    "contact_and_name.other_and_both": ("电话和邮箱相同但姓名不同", "phone and email in common under another name"),
    "domain_and_name.name": ("名称与网站同时相符", "name and website agree together"),
    "domain_and_name.brand": ("网站相同，字号相符", "the same website, the brand agrees"),
    "domain_and_name.other": ("网站相同但名称不同", "the same website under another name"),
    "employment.same_positions": ("多段任职相同", "several positions in common"),
    "employment.same_position": ("一段任职相同", "a position in common, with its start"),
    "employment.same_employer": ("曾在同一公司", "an employer in common"),
    "employment.same_employer_other_time": (
        "曾在同一公司，但任职时间冲突",
        "an employer in common, but careers that conflict",
    ),
    "employment.other_times": ("所述任职时期不同", "careers told for different times"),
    "employment.elsewhere_then": ("同一时期在不同公司", "different employers at the same time"),
    "education.same_degree": ("同校同年毕业", "the same degree from the same school"),
    "education.same_school": ("学校相同", "a school in common"),
    "education.other_year": ("同校不同届", "the same school in other years"),
    "education.other_school": ("同等学历来自不同学校", "the same kind of degree from other schools"),
    "age.same": ("年龄相符", "about the same age"),
    "age.near": ("年龄相差两三岁", "two or three years apart in age"),
    "age.other": ("年龄不同", "other ages"),
    "age.generation": ("年龄相差很大", "many years apart in age"),
    "location.same": ("地点相同", "a location in common"),
    "location.different": ("地点不同", "no location in common"),
    "name.sounds_same": ("名称同音不同字", "names sound the same, other characters"),
    "name.part_of_trade": ("字号相同，行业词部分相同", "the same brand, trades partly the same"),
    "name.part_of_trade_short": (
        "字号相同（短名），行业词部分相同",
        "the same brand, a short one that many may bear, trades partly the same",
    ),
    "name.brand": ("字号相同，其中一方未写行业", "the same brand, one without its trade"),
    "name.other_trade": ("字号相同，行业不同", "the same brand in another trade"),
    "name.other_branch": ("总公司或其他分公司", "the head office or another branch"),
    "domain.same": ("网站域名相同", "the same website"),
    "domain.different": ("网站域名不同", "other websites"),
    "domain.different_unlike_name": ("网站域名不同，且与名称无关", "other websites, one unlike the name"),
    "form.same": ("公司类型相同", "the same legal form"),
    "form.different": ("公司类型不同", "other legal forms"),
    "industry.same": ("行业相同", "the same industry"),
    "industry.different": ("行业不同", "other industries"),
    "industry.same_in_trade": (
        "名称中的行业相同，所属行业也相同",
        "one trade by name, the same industry",
    ),
    "industry.different_in_trade": (
        "名称中的行业相同，所属行业不同",
        "one trade by name, other industries",
    ),
    "seat.same": ("名称中的地点相同", "the names say the same place"),
    "seat.different": ("名称中的地点不同", "the names say other places"),
    "size.same": ("规模相同", "the same size"),
    "size.near": ("规模相近", "about the same size"),
    "size.different": ("规模不同", "other sizes"),
    "size.far": ("规模相差悬殊", "sizes far apart"),
}


def words(evidence: Iterable[Evidence], language: Language) -> list[str]:
    """Return one phrase for each piece of evidence, the weightiest first: `a phone number in common (+7.1)`."""
    ordered = sorted(evidence, key=lambda e: (-abs(e.bits), e.feature))
    return [f"{_TEXTS[f'{e.feature}.{e.level}'][language == 'en']} ({e.bits:+.1f})" for e in ordered]
