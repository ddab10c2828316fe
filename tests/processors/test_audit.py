from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from processors.audit import Chain, Verifier, pseudonym, seal
from schemas.audit import AuditEvent, Head

SECRET = b"s" * 32
START = datetime(2026, 11, 30, tzinfo=UTC)


def head_of(event):
    return Head(chain=event.chain, number=event.number, hash=event.hash)


def written(lengths, open_last=False):
    """Return the log of processes that worked one after the other, each of which has seen the ends before it."""
    log, heads = [], []
    for n, length in enumerate(lengths):
        chain = Chain(SECRET, heads, START)
        events = [chain.opening]
        for number in range(length):
            events.append(
                chain.add("dead_letters.read", "local", START + timedelta(seconds=number), about=[f"x/0/{number}"])
            )
        if not (open_last and n == len(lengths) - 1):
            events.append(chain.add("chain.closed", "process", START))
        log += events
        heads.append(head_of(events[-1]))
    return log, heads


def verify(secret, log, *, cut=False, anchors=()):
    verifier = Verifier(secret, anchors)
    for place, event in log:
        verifier.add(place, event, cut=cut)
    return verifier.verdict()


def places(log):
    return [(str(at), event) for at, event in enumerate(log)]


lengths = st.lists(st.integers(0, 5), min_size=1, max_size=4)


@given(lengths, st.booleans())
def test_a_log_as_it_was_written_is_whole(lengths, open_last):
    log, heads = written(lengths, open_last)
    read = [AuditEvent.model_validate_json(event.model_dump_json()) for event in log]
    verdict = verify(SECRET, places(read), anchors=heads)
    assert verdict.breaks == []
    assert verdict.events == len(log)
    assert (verdict.closed, len(verdict.open)) == (len(lengths) - open_last, int(open_last))


@given(lengths, st.data())
def test_any_change_removal_exchange_or_insertion_is_found(lengths, data):
    log, heads = written(lengths)
    other, _ = written([2])
    at = data.draw(st.integers(0, len(log) - 1))
    event = log[at]
    how = data.draw(
        st.sampled_from(["change", "remove", "exchange", "insert", "repeat", "cut off", "take a chain out"])
    )
    if how == "change":
        change = data.draw(
            st.sampled_from(
                [
                    {"caller": "key:k0123456789ab"},
                    {"about": [*event.about, "y"]},
                    {"number": event.number + 1},
                    {"time": event.time + timedelta(milliseconds=1)},
                    {"action": "person.forgotten"},
                    {"details": {"x": 1}},
                    {"chain": "f" * 16},
                    {"previous": "1" * 64},
                    {"hash": "1" * 64},
                ]
            )
        )
        log[at] = event.model_copy(update=change)
        if data.draw(st.booleans()) and "hash" not in change:  # by somebody who guesses the secret
            log[at] = log[at].model_copy(update={"hash": seal(b"t" * 32, log[at])})
    elif how == "remove":
        del log[at]
    elif how == "exchange":
        same = [n for n, e in enumerate(log) if e.chain == event.chain and n != at]
        other_at = data.draw(st.sampled_from(same))
        log[at], log[other_at] = log[other_at], log[at]
    elif how == "insert":
        log.insert(at, other[1].model_copy(update={"chain": event.chain}))
    elif how == "repeat":
        log.insert(at, event)
    elif how == "cut off":
        del log[at:]
    else:
        log = [e for e in log if e.chain != event.chain]
    assert verify(SECRET, places(log), anchors=heads).breaks


@given(lengths.filter(lambda found: len(found) > 1), st.data())
def test_who_opens_a_chain_bears_witness_to_those_before(lengths, data):
    log, _ = written(lengths)
    last = log[-1].chain
    gone = data.draw(st.sampled_from([e for e in log if e.chain != last]))
    without_chain = [e for e in log if e.chain != gone.chain]
    assert verify(SECRET, places(without_chain)).breaks
    end = max(n for n, e in enumerate(log) if e.chain == gone.chain)
    assert verify(SECRET, places(log[:end] + log[end + 1 :])).breaks  # its closing event alone


@given(lengths, st.data())
def test_retention_may_take_the_oldest_and_nothing_else(lengths, data):
    log, _ = written(lengths)
    kept = log[data.draw(st.integers(0, len(log) - 1)) :]
    assert verify(SECRET, places(kept), cut=True).breaks == []
    if kept[0].number > 0:
        assert verify(SECRET, places(kept)).breaks
    inner = [n for n in range(1, len(kept) - 1) if kept[n].number > 0 and kept[n - 1].chain == kept[n + 1].chain]
    if inner:
        del kept[data.draw(st.sampled_from(inner))]
        assert verify(SECRET, places(kept), cut=True).breaks


def test_what_cannot_be_read_and_another_secret_are_found():
    log, _ = written([1])
    assert [b.what for b in verify(SECRET, [*places(log), ("9", None)]).breaks] == ["is no audit event"]
    assert len(verify(b"t" * 32, places(log)).breaks) == len(log)


def test_a_person_stands_in_it_under_a_name_that_only_the_secret_makes():
    assert pseudonym(SECRET, "talent", "T1") == pseudonym(SECRET, "talent", "T1")
    assert len({pseudonym(s, k, i) for s in (SECRET, b"t") for k in ("talent", "token") for i in ("T1", "T2")}) == 8
