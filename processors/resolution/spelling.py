"""One spelling for words that names are written with in several ways: alphabets, countries' habits, abbreviations."""

import re

_CYRILLIC = """
а:a б:b в:v г:g д:d е:e ё:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch
ъ: ы:y ь: э:e ю:iu я:ia і:i ї:i є:e ґ:g
"""
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"}
    | {letter: latin for letter, _, latin in (each.partition(":") for each in _CYRILLIC.split())}
)
"""What no decomposition makes of letters: Cyrillic, and Latin letters with a stroke."""

_SIGNS = (
    (re.compile(r"(?<![\w.])u\.\s?s\.(?:\s?a\.)?(?![\w.])"), "united states"),
    (re.compile(r"(?<![\w.])u\.\s?k\.(?![\w.])"), "united kingdom"),
    (re.compile(r"['\u2019\u2018`\u00b4]"), ""),
)
_WORDS = {
    "1st": "first", "2nd": "second", "3rd": "third", "intl": "international", "natl": "national", "dept": "department",
    "govt": "government", "univ": "university", "assn": "association", "assoc": "association", "bros": "brothers",
    "mfg": "manufacturing", "centre": "center", "labour": "labor", "defence": "defense", "programme": "program",
    "theatre": "theater", "colour": "color", "harbour": "harbor", "aluminium": "aluminum", "grey": "gray",
    "jewellery": "jewelry", "tyre": "tire", "tyres": "tires",
}  # fmt: skip
_BRITISH = re.compile(r"(?<=\w{3})is(?=ations?$|ing$|ed$)")


def latin(text: str) -> str:
    """Return text in lower case in Latin letters, signs as words: Cyrillic is transliterated, `U.S.` is spelled out."""
    text = text.translate(_LETTERS)
    for sign, word in _SIGNS:
        text = sign.sub(word, text)
    return text


def usual(word: str) -> str:
    """Return a word's most usual spelling: American, not abbreviated."""
    return _WORDS.get(word) or _BRITISH.sub("iz", word)
