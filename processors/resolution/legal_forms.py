"""Legal forms of companies, as they stand in names: spelled out or short, behind the name or before it."""

import re

from processors.resolution.text import unaccented

_SPELLED = {
    "ab": "aktiebolag",
    "ag": "aktiengesellschaft",
    "as": "aksjeselskap|aktieselskab|anonim sirketi|a/s",
    "bv": "besloten vennootschap",
    "doo": "d.o.o.",
    "gmbh": "gesellschaft mit beschrankter haftung|gesellschaft mit beschraenkter haftung|ges.m.b.h.|gesmbh",
    "jsc": "(?:(?:public|private|open|closed) )?joint[- ]stock company"
    "|(?:(?:publichnoe|otkrytoe|zakrytoe|nepublichnoe) )?aktsionernoe obshchestvo",
    "kk": "kabushiki kaisha|kabushiki gaisha",
    "llc": "limited liability company|limited liability co|obshchestvo s ogranichennoi otvetstvennostiu",
    "llp": "limited liability partnership",
    "lp": "limited partnership",
    "nv": "naamloze vennootschap",
    "oy": "osakeyhtio",
    "plc": "public limited company|public ltd co",
    "pte ltd": "private limited|private ltd",
    "sa": "societe anonyme|sociedad anonima|sociedade anonima|sociedad anonyma",
    "sarl": "societe a responsabilite limitee|s.a r.l.",
    "sl": "sociedad limitada|sociedad de responsabilidad limitada",
    "spa": "societa per azioni|spolka akcyjna",
    "srl": "societa a responsabilita limitata|societatea cu raspundere limitata",
    "sro": "spolecnost s rucenim omezenym|s.r.o.",
    "spzoo": "sp. z o.o.|sp z o.o.|sp zoo|spolka z ograniczona odpowiedzialnoscia",
}
"""Short forms by how they are spelled out, without accents."""

SPELLED_IN_A_WORD = {word: short for short, long in _SPELLED.items() for word in long.split("|") if word.isalpha()}
"""The short form by a single word that spells it out."""

_SHORT_OF = {
    short: re.compile(rf"(?<!\w)(?:{unaccented(long)})(?!\w)".replace(".", r"\.")) for short, long in _SPELLED.items()
}
_GLUED = re.compile(r"(?<=[^\W\d_])(?<![A-ZА-Я])(?=(?:AG|SA|SE|GmbH|LLC|Ltd|Inc|BV|NV|PLC|AB)\.?$)")

BEFORE = frozenset(
    unaccented(word)
    for word in ("ooo", "oao", "zao", "pao", "ao", "pt", "srl", "jsc", "llc", "tov", "cv", "ojsc", "pjsc")
)
"""Forms that may stand before the name."""

BEHIND = frozenset(
    unaccented(word)
    for word in (
        "ad", "aps", "as", "asa", "bhd", "cjsc", "cv", "dd", "doo", "eg", "ev", "gp", "jsc", "kft", "kg", "kgaa", "lp",
        "ltda", "nyrt", "oao", "ohg", "ojsc", "ooo", "pao", "pjsc", "sac", "sca", "sdn", "sl", "slu", "spa", "spzoo",
        "sro", "tbk", "ug", "zao", "zrt",
    )
)  # fmt: skip
"""Forms that are short words elsewhere: they count as such only behind the name."""

SAME_FORM = {
    unaccented(word): group.split()[0]
    for group in (
        "inc incorporated", "ltd limited", "gmbh", "llc ooo", "corp corporation", "plc", "ag", "sa",
        "jsc oao pao zao ao ojsc pjsc cjsc",
    )
    for word in group.split()
}  # fmt: skip
"""Forms that tell companies apart, with what else is written for them."""


def shortened(text: str) -> str:
    """Return a name, in lower case and without accents, with legal forms that are spelled out in their short form."""
    for short, long in _SHORT_OF.items():
        text = long.sub(short, text)
    return text


def unglued(name: str) -> str:
    """Return a name as written with a form apart that is glued to its end: SiemensAG."""
    return _GLUED.sub(" ", name)
