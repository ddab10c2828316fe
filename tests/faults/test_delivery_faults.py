"""Nothing is lost and nothing is done twice, whatever fails on the way."""

import asyncio
import time

from schemas.topics import EVENTS

TALENTS = (EVENTS["talent"],)


def history(make, prefix: str, count: int) -> list:
    return [make("talent", f"{prefix}-{n:05d}", {"name": f"n{n}", "summary": "x" * 300}) for n in range(count)]


def wait_for(condition, timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def assert_each_once(cluster, prefix: str, count: int) -> None:
    documents = cluster.documents("talents", {"_id": {"$gte": prefix, "$lt": prefix + "~"}})
    assert len(documents) == count
    assert {d["revision"] for d in documents} == {1}, "every event changed its record exactly once"


def test_kill_minus_9_in_mid_batch(cluster, make, prefix) -> None:
    count = 1500
    worker = cluster.worker("--sync-only", worker__batch_events=100)
    cluster.publish(history(make, prefix, count))
    wait_for(lambda: cluster.count("talents", prefix) > 100)
    worker.kill()
    done = cluster.count("talents", prefix)
    assert done < count, "the worker was killed too late to prove anything"
    cluster.worker("--sync-only")
    cluster.drained(TALENTS)
    assert_each_once(cluster, prefix, count)


def test_mongodb_away_for_ten_seconds(cluster, make, prefix) -> None:
    cluster.worker("--sync-only", mongodb__timeout_seconds=2, worker__retry_max_seconds=2)
    asyncio.run(cluster.stack.stop("mongodb"))
    cluster.publish(history(make, prefix, 200))
    time.sleep(10)
    asyncio.run(cluster.stack.start("mongodb"))
    cluster.drained(TALENTS)
    assert_each_once(cluster, prefix, 200)
    assert not [r for r in cluster.read("dead-letters") if (r.key or b"").startswith(prefix.encode())]


def test_restart_of_the_broker(cluster, make, prefix) -> None:
    worker = cluster.worker("--sync-only")
    assert "no broker answers" not in worker.log.read_text(), "it has just begun"
    cluster.publish(history(make, prefix, 500))
    asyncio.run(cluster.stack.stop("kafka"))
    wait_for(lambda: "no broker answers since" in worker.log.read_text())
    asyncio.run(cluster.stack.start("kafka"))
    cluster.drained(TALENTS)
    assert "a broker answers again" in worker.log.read_text()
    assert_each_once(cluster, prefix, 500)


def test_two_workers_share_partitions_and_one_leaves(cluster, make, prefix) -> None:
    first = cluster.worker("--sync-only", worker__batch_events=100)
    second = cluster.worker("--sync-only", worker__batch_events=100)
    events = history(make, prefix, 1200)
    cluster.publish(events[:600])
    wait_for(lambda: cluster.count("talents", prefix) > 100)
    assert first.stop() == 0
    cluster.publish(events[600:])
    cluster.drained(TALENTS)
    assert_each_once(cluster, prefix, 1200)
    assert second.process.poll() is None


def test_a_killed_workers_partitions_do_not_wait_for_its_session_to_end(cluster, make, prefix) -> None:
    killed, living = cluster.worker("--sync-only"), cluster.worker("--sync-only")
    folder = cluster.settings.data_dir / "members"
    wait_for(lambda: len(list(folder.iterdir())) == 2)
    killed.kill()
    cluster.publish(history(make, prefix, 200))
    cluster.drained(TALENTS)
    assert_each_once(cluster, prefix, 200)
    # Said only if the broker still knew the member when it was told, that is, before its session ended.
    assert "has left group" in living.log.read_text()
    assert len(list(folder.iterdir())) == 1
    assert living.stop() == 0
    assert list(folder.iterdir()) == []
