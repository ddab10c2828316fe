"""`looma webhooks`: results as signed HTTP requests to those who cannot hold a connection."""

import asyncio
import signal

import click

from ops.cli.context import console, load_settings, run


@click.command()
@run
async def webhooks() -> None:
    """Send results to the receivers of `[[webhooks]]` until told to stop.

    Each message is sent until the receiver answers 2xx, in order for each pair or record; one receiver that is away
    holds up no other. Requests are signed as Standard Webhooks describe it. A message may come twice, with the same
    `webhook-id`. Start it more than once to share the work and to survive a crash.
    """
    from aiohttp import ClientSession, DummyCookieJar

    from connectors.webhooks.delivery import Delivery
    from ops.runtime import logs

    settings = load_settings()
    if not settings.webhooks:
        raise click.ClickException("there are no receivers: write a table [[webhooks]] in looma.toml")
    logs.configure(settings.telemetry)
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        running = asyncio.gather(*(Delivery(settings.kafka, hook, session).run() for hook in settings.webhooks))
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, running.cancel)
        console.print(f"sending to {', '.join(hook.name for hook in settings.webhooks)}")
        try:
            await running
        except asyncio.CancelledError:
            console.print("stopped")
