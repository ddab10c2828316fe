"""Months as people write them, in a form such as `{Mon} {Y}`."""

import calendar

from ops.evaluation.layout_suite.people import TODAY, Job, Month, Study

_NAMES = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
}


def say(month: Month, form: str, lang: str = "en", *, last: bool = False) -> str:
    """Return a month in a form: `{Y}` 2019, `{yy}` 19, `{roc}` 108, `{m}` 3, `{mm}` 03, `{Month}`, `{Mon}`, `{dd}` its first or last day."""
    y, m = month
    day = calendar.monthrange(y, m)[1] if last else 1
    return form.format(
        Y=y, yy=f"{y % 100:02}", roc=y - 1911, m=m, mm=f"{m:02}", Month=_NAMES[lang].split()[m - 1], Mon=_SHORT[lang].split()[m - 1], dd=f"{day:02}"
    )  # fmt: skip


def span(entry: Job | Study, form: str, now: str = "Present", between: str = " - ", lang: str = "en") -> str:
    """Return the time of a position or study."""
    until = say(entry.end, form, lang, last=True) if entry.end else now
    return f"{say(entry.start, form, lang)}{between}{until}"


def long(entry: Job, year: tuple[str, str], month: tuple[str, str], between: str = " ") -> str:
    """Return how long a position lasted, in words for one and for more."""
    end = entry.end or TODAY
    years, months = divmod((end[0] - entry.start[0]) * 12 + end[1] - entry.start[1] + 1, 12)
    parts = [(years, year), (months, month)]
    return between.join(f"{n}{words[n > 1]}" for n, words in parts if n)
