import ctypes
import threading
from types import SimpleNamespace

import pytest

from ops.local.embedded import mongodb_server


def test_what_is_freed_is_given_back_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    is_done = threading.Event()

    def trim(pad: int) -> None:
        calls.append(pad)
        if len(calls) == 3:
            is_done.set()
            threading.Event().wait()  # for ever, as a daemon may

    monkeypatch.setattr(mongodb_server, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(malloc_trim=trim))
    mongodb_server.give_back()
    assert is_done.wait(30)
    assert calls == [0, 0, 0]


def test_a_c_library_without_it_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    mongodb_server.give_back()
