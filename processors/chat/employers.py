"""How messages speak of employers."""

import re

from processors.lexicon.parts import joined

_PARTS = joined("processors.chat", "employers")
_EMPLOYERS = _PARTS["known"]
USED = re.compile(r"[^,，。]{0,6}(?:都?做过|都?运营|都?用过|认证|证书)")
OF_THEIRS = re.compile(r"(?:\b(?:from|at|for|join)|来自|出自|加入|[去在进投]) ?$", re.IGNORECASE)
WORKS_AT = re.compile(r"(?:现在?|目前|之前|以前|曾经?|原来)(?:就职|任职|工作)?(?:在|于)$")
COMPANY = re.compile(
    r"(?:^|[,，。\s想问了解下说])(?!这|那|他|她|它|第|前|后|哪|什么|贵|你|我|请|介绍|了解|说说|讲讲|一下|问)([\u4e00-\u9fffA-Za-z]{2,10}?)(?:这家|这个)?(?:公司)?(?:是(?:一?家|个)(?:什么|啥|做)|这家公司)"
    r"|(?:[Ww]hat kind of (?:company|firm|business) is|[Tt]ell me about|[Ww]hat does|[Ww]ork(?:s|ing|ed)? (?:at|for))"
    r" ((?!The |This |That )[A-Z][\w&]*(?: [A-Z][\w&]*){0,3})"
    rf"|({_EMPLOYERS})(?!云|系(?!除外|的|不|公司|背景)|专业|那套|方向|店|平台|店铺|运营|手机|电脑|支付| (?:Analytics|Ads|Cloud|Sheets|Docs|Maps|Office|Excel|Azure|Dynamics|Watson|Web Services|Pixel))"
)
