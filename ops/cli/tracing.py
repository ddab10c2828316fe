"""`looma trace`: one event's way, as a tree."""

from typing import TYPE_CHECKING

import click
from rich.text import Text
from rich.tree import Tree

from ops.cli.context import console, json_option, load_settings, print_json
from schemas import semconv

if TYPE_CHECKING:
    from ops.runtime.traces import SpanRecord

_SHOWN = (semconv.OUTCOME, semconv.PARTITION, semconv.OFFSET, semconv.DB_BATCH_SIZE, semconv.MATCHES_CHANGED)


def trace_tree(spans: "list[SpanRecord]") -> Tree:
    """Return a trace as a tree with durations, offsets from its start, and the attributes that explain."""
    from ops.runtime.traces import latency_ms, tree

    start = min(s.start for s in spans)
    root = Tree(Text.assemble("trace ", (spans[0].trace_id, "bold"), f" {latency_ms(spans):.1f} ms"))
    branches = {-1: root}
    for depth, span in tree(spans):
        details = " ".join(f"{k.split('.', 1)[1]}={span.attributes[k]}" for k in _SHOWN if k in span.attributes)
        colour = "red" if span.failed else "cyan"
        text = Text.assemble(
            (span.name, colour),
            f" {span.milliseconds:.1f} ms ",
            (f"+{(span.start - start) / 1e6:.1f} ms {span.service} {details}", "dim"),
        )
        branches[depth] = branches[depth - 1].add(text)
    return root


@click.command()
@click.argument("event_id", metavar="EVENT_ID")
@json_option
def trace(event_id: str, as_json: bool) -> None:
    """Show the trace of an event, by its id or by the trace's id, from publisher to last consumer."""
    from ops.runtime.telemetry import traces_dir
    from ops.runtime.traces import find_traces, latency_ms, missing_hops

    folder = traces_dir(load_settings())
    found = find_traces(folder, event_id)
    if not found:
        raise click.ClickException(f"no trace of {event_id} under {folder}")
    if as_json:
        print_json(
            [
                {
                    "trace_id": spans[0].trace_id,
                    "latency_ms": round(latency_ms(spans), 3),
                    "missing": missing_hops(spans),
                    "spans": [
                        {
                            "span_id": s.span_id,
                            "parent_id": s.parent_id,
                            "name": s.name,
                            "service": s.service,
                            "start_unix_nano": s.start,
                            "duration_ms": round(s.milliseconds, 3),
                            "attributes": s.attributes,
                        }
                        for s in spans
                    ],
                }
                for spans in found
            ]
        )
        return
    for spans in found:
        console.print(trace_tree(spans))
