"""A visitor of the console: signed in, and critical of every page that she is shown."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

from ops.console.address import new_token
from ops.console.texts import TEXTS
from schemas.topics import DEAD_LETTERS, MATCH_RESULTS
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi

POLICY = {"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"}
_LINKS = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action"}


HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{7*7}}"
WAIT = {"prefer": "wait=10"}


def until(looked: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while (found := looked()) is None or found is False or found == []:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def say(http: httpx.Client, path: str, fields: dict[str, Any], source: str = "crm") -> None:
    answer = http.patch(f"/v1/{path}?source={source}", json=fields, headers=WAIT)
    assert answer.status_code == 200, answer.text


def match(cluster: Cluster, talent: str, job: str, reason: str) -> None:
    feature = {"name": "skills", "score": 0.9, "weight": 1, "contribution": 0.9, "reason": reason}
    body = {
        "talent_id": talent, "job_id": job, "talent_revision": 1, "job_revision": 1, "status": "active",
        "score": 0.9, "language": "en", "features": [feature], "model": "m",
    }  # fmt: skip
    cluster.publish([(MATCH_RESULTS, f"{talent}|{job}".encode(), json.dumps(body).encode(), [])])


def letter(cluster: Cluster, key: str) -> None:
    headers = {
        "topic": "talent-events", "partition": "0", "offset": str(time.time_ns()), "reason": "oversized",
        "detail": "600000 bytes; at most 524288 are accepted", "failed_at": "2026-01-05T08:00:00Z", "timestamp": "1",
    }  # fmt: skip
    value = json.dumps({"name": HOSTILE}).encode()
    cluster.publish([(DEAD_LETTERS, key.encode(), value, [(f"dlq_{n}", v.encode()) for n, v in headers.items()])])


class Visitor:
    """Asks for pages as a browser would, and looks at each."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def page(self, path: str, status: int = 200, **headers: str) -> html.HtmlElement:
        """Return a page of the console, once it is sure that it is a safe one."""
        answer = self.http.get(f"/console/{path}", headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return checked(answer)

    def send(self, path: str, form: dict[str, str], *, origin: str | None = None) -> httpx.Response:
        """Send a form, as a page of the console does."""
        own = str(self.http.base_url).rstrip("/")
        return self.http.post(f"/console/{path}", data=form, headers={"origin": origin or own})


@contextmanager
def visiting(running: RunningApi, language: str = "en") -> Iterator[Visitor]:
    """Sign in for the block, by a token."""
    with httpx.Client(base_url=running.client.base_url, timeout=30, trust_env=False, follow_redirects=True) as client:
        entered = client.get("/console/", params={"token": new_token(running.api.signer)})
        assert entered.status_code == 200, entered.text
        visitor = Visitor(client)
        visitor.send("preferences", {"language": language})
        yield visitor


def checked(answer: httpx.Response) -> html.HtmlElement:
    """Return the document of an answer that runs nothing of others, loads nothing from elsewhere and is not framed."""
    policy = {each.strip() for each in answer.headers["content-security-policy"].split(";")}
    assert policy >= POLICY
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    document = html.fromstring(answer.content)
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")], element.attrib
        if element.tag in ("script", "style"):
            assert not (element.text or "").strip()
            assert element.get("src")
        if (place := element.get(_LINKS.get(element.tag, "-"))) is not None:
            here = urlsplit(urljoin("http://host/some/prefix/console/" + _place(answer), place))
            assert here.netloc == "host", place
            assert here.path.startswith("/some/prefix/console"), (answer.url, place)
    return document


def links(document: html.HtmlElement, here: str) -> Iterator[str]:
    """Yield the pages that a page leads to, as places within the console."""
    for link in document.iter("a"):
        if (place := link.get("href")) and not place.startswith("#"):
            _, _, found = urljoin(f"http://host/console/{here}", place).partition("/console/")
            yield found


def words(document: html.HtmlElement) -> str:
    """Return the text of a page, in one line."""
    return " ".join(document.text_content().split())


def is_wholly(document: html.HtmlElement, language: str) -> bool:
    """Whether none of the console's own longer texts is in the other language."""
    other = 0 if language == "en" else 1
    shown = words(document)
    return not [t for t in TEXTS.values() if len(t[other]) > 6 and "{" not in t[other] and t[other] in shown]


def _place(answer: httpx.Response) -> str:
    _, _, place = str(answer.url).partition("/console/")
    return place
