"""`looma api`: the HTTP API."""

import sys
from urllib.parse import urlsplit

import click

from ops.cli.context import console, load_settings


@click.command()
@click.option("--host", help="The address to listen on; another than this machine's needs keys and TLS.")
@click.option("--port", type=click.IntRange(0, 65535), help="Its port; 0 takes any that is free.")
@click.option("--processes", type=click.IntRange(1, 64), help="Processes that share the port; one a core.")
def api(host: str | None, port: int | None, processes: int | None) -> None:
    """Serve the HTTP API: events in, records and matches out.

    \b
    looma api                       # http://127.0.0.1:16080, for this machine alone
    looma api --processes 4         # as many share the port
    curl localhost:16080/v1/ready
    curl localhost:16080/v1/events -H 'content-type: application/cloudevents+json' -d @event.json

    /v1/docs describes every route, and /v1/openapi.json is for generators of clients. A write is answered with 202 once
    Kafka has it on all replicas; what became of it is at the address in `Location`.

    Without keys it listens on this machine alone. For another --host, set api.keys, and api.certificate_file and
    api.key_file, or api.behind_proxy where TLS ends at a proxy. SIGTERM drains: requests that have begun are answered.
    """
    from ops.api import server
    from ops.console.address import console_address

    settings = load_settings()
    given = {"api__host": host, "api__port": port, "api__processes": processes}
    settings = settings.changed(**{name: value for name, value in given.items() if value is not None})

    def ready(address: str) -> None:
        console.print(f"listening on {address}")
        if not settings.api.keys:  # with keys, output may be somebody else's to read
            here = settings.changed(api__port=urlsplit(address).port)
            console.print(f"console: {console_address(here)}")
        sys.stdout.flush()

    sys.exit(server.run(settings, ready=ready))
