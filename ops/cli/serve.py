"""`looma serve`: one AI service as a process of its own."""

import sys

import click

from ops.cli.context import console, load_settings
from schemas.services import Service

SERVICES = ("resume", "skills", "match", "search", "embed", "advice")


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--host", default="127.0.0.1", show_default=True, help="Another than this machine's needs a service key.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 takes any that is free.")
@click.option("--url", help="Where gateways reach it, if not at this address: behind a proxy, say.")
def serve(service: Service, host: str, port: int, url: str | None) -> None:
    """Serve one AI service for the gateways of this deployment, on this host or another.

    \b
    looma serve embed                     # for gateways on this machine
    looma serve resume --host 10.0.0.7    # for others; gateway.service_key must be set here and there

    It says every two seconds on the topic service-instances that it is there; `looma api` asks it instead of answering
    itself, and forgets it when it has been silent for six. Several share the load. SIGTERM drains.
    """
    from ops.api import instance

    settings = load_settings().changed(api__host=host, api__port=port)

    def ready(address: str) -> None:
        console.print(f"{service} at {address}")
        sys.stdout.flush()

    sys.exit(instance.run(settings, service, url, ready=ready))
