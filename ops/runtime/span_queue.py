"""Has spans written to a file in bulks, by a thread of its own.

The SDK's BatchSpanProcessor takes spans one by one. This one also takes the child spans of an operation together, which
costs a sixth of that (measured).
"""

import threading

from loguru import logger
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, SynchronousMultiSpanProcessor

from ops.runtime.span_file import SpanFile, number_of
from sinks.runs import runs
from streams.tracing import ChildSpans

WRITE_SECONDS = 0.5
LINE_SPANS = 2048
"""Of one line of the file, about: whoever looks for a trace reads whole lines."""
MAX_WAITING = 65_536
"""Spans; what comes while so many wait is lost."""


class SpanQueue(SpanProcessor):
    """Holds spans until they are written: every half second, and as soon as there are many."""

    def __init__(self, file: SpanFile, *, max_waiting: int = MAX_WAITING) -> None:
        self._file = file
        self._max_waiting = max_waiting
        self._waiting: list[ReadableSpan | ChildSpans] = []
        self._count = 0
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._wake = threading.Event()
        self._is_stopping = self._is_losing = False
        self._thread = threading.Thread(target=self._run, name="span-queue", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span, if it is sampled."""
        if span.context and span.context.trace_flags.sampled:
            self._put(span)

    def on_end_children(self, spans: ChildSpans) -> None:
        """Take the spans of one operation."""
        self._put(spans)

    def _put(self, item: ReadableSpan | ChildSpans) -> None:
        with self._lock:
            is_room = self._count < self._max_waiting
            if is_room:
                self._waiting.append(item)
                self._count += number_of(item)
            elif not self._is_losing:
                logger.warning("spans are lost: {} wait to be written", self._count)
            self._is_losing = not is_room
            is_much = self._count >= LINE_SPANS
        if is_much:
            self._wake.set()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.wait(WRITE_SECONDS)
            self._wake.clear()
            self.force_flush()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Write what waits."""
        with self._writing:
            with self._lock:
                waiting, self._waiting, self._count = self._waiting, [], 0
            for line in runs(waiting, len(waiting), LINE_SPANS, number_of):
                self._file.export(line)
        return True

    def shutdown(self) -> None:
        """Write what waits, and close the file."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()
        self.force_flush()
        self._file.shutdown()


class SpanProcessors(SynchronousMultiSpanProcessor):
    """All processors of a process; those that are not ours get child spans one by one."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def on_end_children(self, spans: ChildSpans) -> None:
        """Pass on the spans of one operation."""
        for processor in self._span_processors:
            if isinstance(processor, SpanQueue):
                processor.on_end_children(spans)
            else:
                for span in spans:
                    processor.on_end(span)
