"""How texts write currencies, folded and in simplified characters."""

CURRENCIES = (
    ("HKD", r"hk\$|hkd|港币|港元"), ("TWD", r"nt\$|(?<![a-z])ntd?(?![a-z])|twd|新?台币"), ("SGD", r"(?<![a-z])s\$|sgd|新币|新加坡元"),
    ("AUD", r"(?<![a-z])au?\$|aud(?![a-z])|澳元"), ("CAD", r"(?<![a-z])ca?\$|cad(?![a-z])|加元"), ("NZD", r"nz\$|nzd"),
    ("CHF", r"chf|(?<![a-z])s?fr\. ?(?=\d)|(?<![a-z])sfr(?![a-z])|瑞郎"), ("JPY", r"jpy|(?<![a-z])yen(?![a-z])|日元|日圆|円"), ("KRW", r"₩|krw|韩元"),
    ("INR", r"₹|(?<![a-z])inr(?![a-z])|(?<![a-z])rs\.?(?![a-z])|lpa|lakhs?|lacs"), ("EUR", r"€|(?<![a-z])eur(?![a-z])|(?<![a-z])euros?(?![a-z])|欧元"), ("GBP", r"£|gbp|英镑"),
    ("SEK", r"(?<![a-z])sek(?![a-z])"), ("PLN", r"(?<![a-z])pln(?![a-z])|zł"), ("AED", r"(?<![a-z])aed(?![a-z])|dirhams?"),
    ("MXN", r"(?<![a-z])mxn(?![a-z])|mex\$"), ("PHP", r"₱|(?<![a-z])php(?= ?\d{2})"),
    ("USD", r"us\$|\$|(?<![a-z])usd(?![a-z])|美元|美金"), ("CNY", r"cny|rmb|人民币|¥|元"),
)  # fmt: skip
"""Codes with what names each, the first that is found being meant: US$ before $, 港元 before 元."""
DOLLARS = {"AU": "AUD", "CA": "CAD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "TW": "TWD"}
"""What a bare dollar sign means in a country; elsewhere it is that of the US."""
