"""The console in a real browser: it works under its own policy, axe finds nothing serious, and nothing goes elsewhere.

Debian's Chromium and playwright, where both are installed: .ci/run sees to that.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import pytest
from documents_samples import resume_pdf

from ops.console.address import new_token
from tests.support.cluster import Cluster, Worker
from tests.support.console import HOSTILE, letter, match, say, until
from tests.support.running_api import RunningApi

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parent / "axe" / "axe.min.js"
T = TypeVar("T")
SERIOUS = {"serious", "critical"}
WIDTHS = (360, 1440)
RESUME = """李明辉
电话：13800138000
求职意向：后端工程师

工作经历
2019.03 - 至今  北京云图科技有限公司  高级后端工程师
"""
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def aside(work: Callable[[], T]) -> T:
    """Do it in another thread: in this one playwright's event loop runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


class Browser:
    """A page, what it complained of, and which hosts it asked."""

    def __init__(self, page: Any, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else 0)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))

    def open(self, place: str) -> Any:
        self.page.goto(f"{self.base}/console/{place}", wait_until="load")
        return self.page

    def look(self) -> list[str]:
        """Return what axe finds that keeps somebody out, at both ends of widths and in both colours."""
        found = []
        for scheme, width in (("light", WIDTHS[0]), ("dark", WIDTHS[1])):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (self.page.url, width)
            # Through the debugger, which no policy of a page holds for.
            self.page.evaluate(AXE.read_text() + ";0")
            seen = self.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
            for each in seen["violations"]:
                if each["impact"] in SERIOUS:
                    nodes = [node["html"][:200] for node in each["nodes"][:3]]
                    found.append(f"{self.page.url} {scheme} {each['id']}: {nodes}")
        return found

    def is_well(self, found: list[str]) -> None:
        """Fail unless axe found nothing, no page complained, and nobody else was asked."""
        assert found == []
        assert self.complaints == []
        assert self.hosts == {urlsplit(self.base).netloc}


@pytest.fixture
def browser(running: RunningApi) -> Iterator[Browser]:
    with sync_api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            page = chromium.new_context(locale="zh-CN").new_page()
            page.set_default_timeout(30_000)
            yield Browser(page, str(running.client.base_url).rstrip("/"))
        finally:
            chromium.close()


def test_a_day_at_the_console(
    running: RunningApi, http: httpx.Client, worker: Worker, api_cluster: Cluster, browser: Browser, prefix: str
) -> None:
    say(http, f"talents/{prefix}", {"name": HOSTILE[:250], "summary": HOSTILE, "locations": ["上海"]})
    say(http, f"talents/{prefix}", {"name": "王方"}, source="zervigo")
    say(http, f"jobs/{prefix}J", {"title": "数据工程师", "status": "open"})

    page = browser.open(f"?token={new_token(running.api.signer)}")
    page.wait_for_url("**/console/flow")
    assert page.title() == "流程 · Looma"  # Chinese is first
    page.locator(".node.stage").first.wait_for()
    found = browser.look()

    # An event is published, and the page that waits for it shows it come.
    event = f"{prefix}-watched"
    page = browser.open(f"events/{event}")
    assert "正在等待" in page.inner_text("#traces")
    sent = {
        "specversion": "1.0", "id": event, "source": "crm", "type": "looma.company.upserted",
        "subject": f"{prefix}C", "time": "2026-01-05T08:00:00Z",
        "data": {"name": "织云科技"},
    }  # fmt: skip
    sent_as = {"content-type": "application/cloudevents+json"}
    answer = http.post("/v1/events", content=json.dumps(sent), headers=sent_as)
    assert answer.status_code == 202, answer.text
    page.locator(".waterfall").wait_for()
    browser.open(f"events/{event}")
    assert "织云科技" in page.inner_text("main")
    found += browser.look()

    # A hostile resume is text; its conflict is decided with the keyboard, without leaving the page.
    page = browser.open(f"talents/{prefix}")
    assert "onerror" in page.inner_text("main")
    assert "owned" not in page.title()
    found += browser.look()
    wanted = page.locator(".side-of", has_text="王方").locator("button")
    wanted.focus()
    page.keyboard.press("Enter")
    page.locator(".decided").wait_for()
    assert page.url.endswith(f"talents/{prefix}")
    until(lambda: aside(lambda: api_cluster.documents("talents", {"_id": prefix}))[0]["fields"]["name"] == "王方")

    # Feedback on a match, in place.
    aside(lambda: match(api_cluster, prefix, f"{prefix}J", HOSTILE))
    until(lambda: http.get(f"/v1/talents/{prefix}/matches").json()["items"])
    page = browser.open(f"talents/{prefix}/matches")
    found += browser.look()
    page.locator("button[value=shortlisted]").first.click()
    page.locator(".say .tag.good").wait_for()

    # The language is switched where one is, and stays.
    page.locator("button[name=language]").click()
    page.wait_for_load_state()
    assert page.url.endswith(f"talents/{prefix}/matches")
    assert page.locator("html").get_attribute("lang") == "en"
    for place in (
        "conflicts",
        "dead-letters",
        "talents",
        "jobs",
        "companies",
        "system",
        "events",
        "versions",
        "alerts",
        "alerts/LoomaDiskFull",
        "audit",
        "chat",
    ):
        assert browser.open(place).locator("html").get_attribute("lang") == "en"
        found += browser.look()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    browser.is_well(found)


def test_an_operators_day(
    running: RunningApi, http: httpx.Client, worker: Worker, api_cluster: Cluster, browser: Browser, prefix: str
) -> None:
    say(http, f"jobs/{prefix}J", {"title": "数据工程师", "status": "open"})
    aside(lambda: letter(api_cluster, prefix))
    page = browser.open(f"?token={new_token(running.api.signer)}")

    # A poison event is tried, then published again.
    page.goto(f"{browser.base}/console/dead-letters?reason=oversized")
    page.locator("input[name=id]").first.check()
    page.get_by_role("button", name="试运行").click()
    page.locator("#redrive button").click()
    page.locator("#redrive .good").wait_for()

    # Events are counted, then replayed, and the page follows until the end.
    page = browser.open("versions")
    page.get_by_text("回放事件").first.click()
    page.locator("input[name=keys]").fill(f"{prefix}J")
    page.locator("form:has(input[name=keys]) button").click()
    page.locator("form input[value=replay] ~ button").wait_for()
    assert "1 个事件" in page.inner_text("#task")
    found = browser.look()
    page.locator("form input[value=replay] ~ button").click()
    page.locator("#task .notice.good").wait_for()
    assert "已回放 1 个事件" in page.inner_text("#task")

    # What changes which generation is used is asked about first; leaving changes nothing.
    page = browser.open("versions/confirm?do=switch&on=g2")
    found += browser.look()
    page.get_by_role("link", name="取消").click()
    page.wait_for_url("**/console/versions")
    found += browser.look()
    browser.is_well(found)


def test_a_resume_is_shown_with_the_places_of_what_was_understood(
    running: RunningApi, http: httpx.Client, worker: Worker, api_cluster: Cluster, browser: Browser, prefix: str
) -> None:
    aside(lambda: api_cluster.worker("--resumes"))
    for id, content in (("P", resume_pdf(1)), ("T", f"{HOSTILE}\n\n{RESUME}".encode())):
        sent = http.post(f"/v1/talents/{prefix}{id}/resume?source=crm", content=content)
        assert sent.status_code == 202, sent.text
    for id in "PT":
        until(lambda id=id: aside(lambda: api_cluster.documents("talents", {"_id": f"{prefix}{id}"})))
    page = browser.open(f"?token={new_token(running.api.signer)}")
    browser.open(f"talents/{prefix}P").get_by_role("link", name="简历").click()
    page.locator(".sheet image").first.wait_for()
    # The picture is there, and a mark lies on it where the text stands.
    loaded = page.evaluate(
        """async () => { const image = new Image();
        image.src = document.querySelector(".sheet image").href.baseVal; await image.decode();
        return [image.naturalWidth, image.naturalHeight, document.querySelectorAll(".sheet .mark").length]; }"""
    )
    assert loaded[0] > 500, loaded
    assert loaded[2] > 3, loaded
    found = browser.look()
    # What is hostile stays text in what was understood of it, too.
    page = browser.open(f"talents/{prefix}T/resume")
    page.locator(".sheet.prose mark").first.wait_for()
    assert "{{7*7}}" in page.inner_text(".sheet")  # what is read as a web page has lost its scripts before
    assert "owned" not in page.title()
    found += browser.look()
    browser.is_well(found)


def test_a_question_is_answered_while_one_looks(
    running: RunningApi, http: httpx.Client, worker: Worker, api_cluster: Cluster, browser: Browser
) -> None:
    aside(lambda: api_cluster.worker("--chat"))
    page = browser.open(f"?token={new_token(running.api.signer)}")
    browser.open("chat")
    page.locator("input[name=text]").fill("你好")
    page.keyboard.press("Enter")
    page.locator(".turns .answer").wait_for(timeout=60_000)
    assert "你好" in page.inner_text(".turns")
    assert page.inner_text("#said") == ""
    browser.is_well(browser.look())
