"""The console, in HTML: who is let in, what is shown, that what is hostile stays text, and what its buttons do."""

import json
from collections.abc import Iterator

import httpx
import pytest

from ops.console.address import new_token
from schemas.topics import CHAT_EVENTS, MATCH_FEEDBACK
from tests.support.cluster import Cluster, Worker
from tests.support.console import (
    HOSTILE,
    Visitor,
    checked,
    is_wholly,
    letter,
    links,
    match,
    say,
    until,
    visiting,
    words,
)
from tests.support.running_api import RunningApi

OTHERS = ("system", "versions", "alerts", "audit", "chat")


@pytest.fixture
def visitor(running: RunningApi) -> Iterator[Visitor]:
    with visiting(running) as one:
        yield one


def test_a_token_opens_once_and_only_a_session_opens_pages(running: RunningApi, http: httpx.Client) -> None:
    token = new_token(running.api.signer)
    entered = http.get("/console/", params={"token": token})
    assert (entered.status_code, entered.headers["location"]) == (303, "./")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path" not in cookie  # the browser takes the folder that it sees, whatever the prefix
    http.cookies.clear()
    again = http.get("/console/", params={"token": token})
    assert again.status_code == 401
    assert token not in again.text
    for path in (
        "flow",
        "talents",
        "talents/T1",
        "conflicts",
        "events/x",
        "dead-letters",
        "flow/live",
        "chat/c",
        *OTHERS,
    ):
        refused = http.get(f"/console/{path}", headers={"cookie": "looma_session=AAAA"})
        assert refused.status_code == 401, path
        checked(refused)


def test_another_sites_page_can_do_nothing(visitor: Visitor) -> None:
    for path in ("sign-in", "sign-out", "preferences", "conflicts/c/decision", "dead-letters/redrive", "versions/act"):
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
            refused = visitor.http.post(f"/console/{path}", data={"take": "1"}, headers=headers)
            assert refused.status_code == 403, (path, headers)
    elsewhere = visitor.send("preferences", {"language": "zh", "back": "//evil.example/"})
    assert elsewhere.url.host == visitor.http.base_url.host


def test_a_key_opens_what_its_scopes_allow_until_it_is_revoked(
    running: RunningApi, api_cluster: Cluster, http: httpx.Client
) -> None:
    key = json.loads(api_cluster.looma("keys", "create", "desk", "--scope", "jobs:read", "--json"))
    with httpx.Client(base_url=http.base_url, trust_env=False, follow_redirects=True, timeout=30) as client:
        reader = Visitor(client)
        assert reader.send("sign-in", {"key": "lk_wrong"}).status_code == 401
        shown = until(lambda: (a := reader.send("sign-in", {"key": key["key"]})).status_code == 200 and a)
        assert shown.url.path == "/console/jobs"
        assert [link for link in links(checked(shown), "jobs") if link in ("talents", "flow")] == []
        assert key["key"] not in str(client.cookies.jar)
        reader.page("talents", 403)
        reader.page("flow", 403)
        assert reader.send("dead-letters/redrive", {"id": "x"}).status_code == 403
        api_cluster.looma("keys", "revoke", key["id"])
        until(lambda: client.get("/console/jobs").status_code == 401)


def test_what_is_hostile_stays_text_on_every_page(
    running: RunningApi, http: httpx.Client, worker: Worker, api_cluster: Cluster, visitor: Visitor, prefix: str
) -> None:
    talent = {"name": HOSTILE[:250], "title": HOSTILE[:250], "summary": HOSTILE, "skills": [{"name": HOSTILE[:250]}]}
    say(http, f"talents/{prefix}", talent)
    say(http, f"talents/{prefix}", {"title": "<b>other</b>" + HOSTILE[:200]}, source="zervigo")
    say(http, f"jobs/{prefix}J", {"title": HOSTILE[:250], "company": HOSTILE[:250], "status": "open"})
    match(api_cluster, prefix, f"{prefix}J", HOSTILE)
    letter(api_cluster, prefix)
    until(lambda: HOSTILE in words(visitor.page(f"talents/{prefix}/matches")))
    event = http.get(f"/v1/talents/{prefix}?provenance=true").json()["provenance"]["summary"]["event_id"]
    pages = [f"talents/{prefix}", f"talents/{prefix}/matches", f"jobs/{prefix}J/matches", f"jobs/{prefix}J"]
    for path in (*pages, f"talents?after={prefix[:-1]}", f"find?q={prefix}"):
        assert "onerror" in words(visitor.page(path)), path
    until(lambda: "onerror" in words(visitor.page(f"events/{event}")))
    # Whatever page links lead to is a safe one, in both languages; what others have left behind is not all there.
    with visiting(running, "zh") as other:
        for reader, language in ((visitor, "en"), (other, "zh")):
            seen, left = set[str](), ["flow", "conflicts", "dead-letters", "events", *OTHERS, *pages]
            while left and len(seen) < 40:
                path = left.pop(0)
                if path in seen or path == "" or path.endswith("/history"):  # what is not stored has none
                    continue
                seen.add(path)
                document = reader.page(path)
                assert document.get("lang") == ("en" if language == "en" else "zh-CN")
                assert is_wholly(document, language), (path, words(document))
                assert {"49", "owned"}.isdisjoint(document.xpath("//title/text()")[0].split())
                own = [each for each in links(document, path) if prefix in each or "/" not in each]
                left += [each for each in own if each not in seen]


def test_chinese_is_first_and_a_browser_may_prefer_english(running: RunningApi, http: httpx.Client) -> None:
    assert http.get("/console/").headers["content-language"] == "zh"
    assert http.get("/console/", headers={"accept-language": "fr,de;q=0.8"}).headers["content-language"] == "zh"
    assert http.get("/console/", headers={"accept-language": "en-GB,zh;q=0.5"}).headers["content-language"] == "en"
    with visiting(running, "en") as one:
        changed = one.send("preferences", {"language": "zh", "theme": "dark", "back": "system"})
        assert changed.url.path == "/console/system"
        document = checked(changed)
        assert (document.get("lang"), document.get("data-theme")) == ("zh-CN", "dark")


def test_a_record_shows_where_each_value_is_from_and_its_conflict_is_decided(
    http: httpx.Client, worker: Worker, api_cluster: Cluster, visitor: Visitor, prefix: str
) -> None:
    say(http, f"talents/{prefix}", {"name": "王芳", "locations": ["上海"]})
    say(http, f"talents/{prefix}", {"name": "王方"}, source="zervigo")
    document = visitor.page(f"talents/{prefix}")
    row = next(r for r in document.xpath("//table[@class='record']/tbody/tr") if "Places" in words(r))
    event = http.get(f"/v1/talents/{prefix}?provenance=true").json()["provenance"]["locations"]["event_id"]
    assert "上海" in words(row)
    assert "crm" in words(row)
    assert row.xpath(".//a/@href") == [f"../events/{event}"]
    sides = document.xpath("//*[@class='sides']//form")
    assert len(sides) == 2
    action = sides[0].get("action").removeprefix("../")
    take = {"take": "1", "field": "name"}
    wanted = document.xpath("(//*[@class='said'])[1]")[0].text_content().strip()
    part = visitor.http.post(
        f"/console/{action}",
        data=take,
        headers={
            "origin": str(visitor.http.base_url).rstrip("/"),
            "hx-request": "true",
            "hx-current-url": f"{visitor.http.base_url}/console/talents/{prefix}",
        },
    )
    assert part.status_code == 200, part.text
    assert "<html" not in part.text
    assert "../events/" in part.text
    assert visitor.send(action, take).status_code == 200  # a second click does nothing more
    (record,) = api_cluster.documents("talents", {"_id": prefix})
    assert (record["fields"]["name"], record["provenance"]["name"]["source"]) == (wanted, "looma/decision")
    assert visitor.page(f"talents/{prefix}").xpath("//*[@class='sides']") == []


def test_a_match_is_told_and_feedback_becomes_an_event(
    http: httpx.Client, worker: Worker, api_cluster: Cluster, visitor: Visitor, prefix: str
) -> None:
    say(http, f"talents/{prefix}", {"name": "Ada", "title": "Engineer"})
    say(http, f"jobs/{prefix}J", {"title": "Platform engineer", "company": "Acme", "status": "open"})
    match(api_cluster, prefix, f"{prefix}J", "Has all 3 required skills")
    document = until(lambda: (d := visitor.page(f"talents/{prefix}/matches")).xpath("//*[@class='match']") and d)
    shown = words(document.xpath("//*[@class='match']")[0])
    for text in ("0.900", "Platform engineer", "Acme", "Has all 3 required skills"):
        assert text in shown
    assert document.xpath("//*[@class='bar']/*[contains(@class, 'c0')]/@width") == ["90.0"]
    assert "Ada" in words(visitor.page(f"jobs/{prefix}J/matches"))
    action = document.xpath("//form[contains(@class, 'say')]/@action")[0].removeprefix("../../")
    assert visitor.send(action, {"outcome": "praised"}).status_code == 422
    said = visitor.send(action, {"outcome": "interviewed"})
    assert said.status_code == 200, said.text
    (event,) = [e for e in api_cluster.read(MATCH_FEEDBACK) if e.key == f"{prefix}|{prefix}J".encode()]
    assert json.loads(event.value)["outcome"] == "interviewed"
    assert dict(event.headers)["ce_source"] == b"console"


def test_an_event_is_followed_to_its_record(http: httpx.Client, worker: Worker, visitor: Visitor, prefix: str) -> None:
    assert "There is no trace of it yet" in words(visitor.page("events/nobody-knows"))
    say(http, f"companies/{prefix}", {"industry": "Printing"})
    say(http, f"companies/{prefix}", {"name": "Acme", "industry": "Software"})
    event = http.get(f"/v1/companies/{prefix}?provenance=true").json()["provenance"]["name"]["event_id"]
    document = until(lambda: (d := visitor.page(f"events/{event}")).xpath("//*[@class='trace']") and d)
    shown = words(document)
    for text in (
        "looma.company.upserted",
        "crm",
        "applied",
        "process company-events",
        "Software",
        "ce_id",
        "revision 2",
        "Printing",
    ):
        assert text in shown, shown
    assert document.xpath("//svg[@class='span']")
    assert f"companies/{prefix}" in set(links(document, f"events/{event}"))
    until(lambda: event[:13] in words(visitor.page("events")))
    with visitor.http.stream("GET", f"/console/events/{event}/live") as stream:
        part = next(line for line in stream.iter_lines() if line.startswith("data: "))
    assert "process company-events" in json.loads(part.removeprefix("data: "))["traces"]


def test_what_is_said_in_the_page_is_a_message_of_who_says_it(
    http: httpx.Client, api_cluster: Cluster, visitor: Visitor, prefix: str
) -> None:
    own = {"origin": str(http.base_url).rstrip("/"), "hx-request": "true"}
    place = f"/console/chat/{prefix}"
    assert visitor.http.post(place, data={"text": " "}, headers=own).status_code == 422
    part = visitor.http.post(place, data={"text": HOSTILE, "as": "recruiter"}, headers=own)
    assert HOSTILE in words(checked(part))
    (event,) = [e for e in api_cluster.read(CHAT_EVENTS) if e.key == prefix.encode()]
    said = json.loads(event.value)
    assert (said["text"], said["channel"]) == (HOSTILE, "console")
    assert said["participant"] == {"kind": "recruiter", "id": "console"}
    until(lambda: "No chat worker is running" in words(visitor.page(f"chat/{prefix}")))


def test_the_audit_log_is_shown_and_found_by_name(
    http: httpx.Client, worker: Worker, api_cluster: Cluster, visitor: Visitor, prefix: str
) -> None:
    say(http, f"talents/{prefix}", {"name": "Ada"})
    http.get(f"/v1/talents/{prefix}")
    shown = until(lambda: (d := visitor.page(f"audit?about=talent:{prefix}")).xpath("//tbody/tr") and d)
    assert "read personal data" in words(shown)
    assert prefix not in words(shown.xpath("//table")[0])  # a pseudonym
    assert "broken" not in words(shown)
    assert visitor.page("audit?action=person.forgotten&about=talent:nobody").xpath("//tbody/tr") == []


def test_the_pipeline_is_shown_as_it_stands(worker: Worker, visitor: Visitor) -> None:
    until(lambda: "Asking the brokers" not in words(visitor.page("flow")))
    document = visitor.page("flow")
    assert {"talent-events", "match-requests"} <= set(document.xpath("//table//code/text()"))
    assert document.xpath("//svg[@class='pipeline']")
    with visitor.http.stream("GET", "/console/flow/live") as stream:
        part = next(line for line in stream.iter_lines() if line.startswith("data: "))
    assert "pipeline" in json.loads(part.removeprefix("data: "))["flow"]


def test_dead_letters_are_tried_then_published_again(
    running: RunningApi, api_cluster: Cluster, visitor: Visitor, prefix: str
) -> None:
    letter(api_cluster, prefix)
    mine = until(
        lambda: [
            id
            for id in visitor.page("dead-letters?reason=oversized").xpath("//input[@name='id']/@value")
            if prefix in words(visitor.page(f"dead-letters/letter?id={id}"))
        ]
    )
    before = len(api_cluster.read("talent-events"))
    tried = visitor.send("dead-letters/redrive", {"id": mine[0]})
    assert "1 messages would be published again" in words(checked(tried))
    assert len(api_cluster.read("talent-events")) == before
    done = visitor.send("dead-letters/redrive", {"id": mine[0], "confirmed": "yes"})
    assert "1 were published again" in words(checked(done))
    assert len(api_cluster.read("talent-events")) == before + 1
    assert mine[0] not in visitor.page("dead-letters?reason=oversized").xpath("//input[@name='id']/@value")
