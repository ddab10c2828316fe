"""Characters as people meant them: what fonts and word processors substitute is put back."""

import re
import unicodedata

# PDF writers choose radicals that look like ideographs. Unicode's EquivalentUnifiedIdeograph.txt names the ideograph;
# NFKC knows only the Kangxi block.
_RADICALS = str.maketrans(
    "⺁⺄⺆⺇⺈⺊⺌⺍⺕⺗⺙⺛⺝⺟⺠⺡⺢⺣⺥⺩⺪⺫⺬⺭⺮⺯⺱⺳⺴⺵⺶⺷⺸⺺⺻⺼⺽⺾⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乙冂几𠂊卜小小彐心攵旡月母民氵氺灬爫王疋目示礻竹糸罓罒罓罒羊羊芈肀聿月臼艹艹虎衤覀西见角角讠贝足车辶辶辶邑钅長镸长门阜阝雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_COMPATIBLE = re.compile("[⼀-⿕\uf900-\ufaff\ufb00-\ufb06]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
_NEWLINES = re.compile("\r\n?|[\v\f\u0085\u2028\u2029]")


def clean(text: str) -> str:
    """Return the text without control and invisible characters, radicals and ligatures put back, newlines as `\\n`."""
    if text.isascii() and text.isprintable():
        return text
    text = _NEWLINES.sub("\n", text)
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text)).translate(_RADICALS)
    text = _COMPATIBLE.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text)
    return text.encode("utf-8", "ignore").decode()  # drops lone surrogates


def is_wide(character: str) -> bool:
    """Whether a character is set without spaces around it, as Chinese is."""
    return unicodedata.east_asian_width(character) in "WF"
