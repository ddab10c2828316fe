"""`looma watch` and `looma alerts`: who looks after the workers, and who hears of it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.exits import Exit

if TYPE_CHECKING:
    from ops.alerts.rules import Rule
    from schemas.settings import Settings


@click.command()
@run
async def watch() -> None:
    """Look at the workers, evaluate the alert rules and tell the receivers, until told to stop.

    For installations without Prometheus: the same rules from the same file. Looks at the pages of `alerts.targets`
    every 15 s, and tells those of `[[receivers]]`; without any, alerts are in the log only. What it has seen is in
    memory: rules that look back an hour know less after a restart.
    """
    from ops.alerts.watch import Watch
    from ops.runtime import logs

    settings = load_settings()
    rules = _rules(settings)
    logs.configure(settings.telemetry)
    console.print(f"{len(rules)} rules, {len(settings.alerts.targets)} pages; telling {_names(settings)}")
    await _until_stopped(Watch(settings.alerts, settings.receivers, rules).run())


@click.group()
def alerts() -> None:
    """List alert rules, try the receivers, and pass on what Alertmanager sends."""


@alerts.command("list")
@json_option
def alerts_list(as_json: bool) -> None:
    """List the rules that `looma watch` evaluates. Exit code 2 if one cannot be."""
    rules = _rules(load_settings())
    if as_json:
        print_json(
            [
                {"alert": rule.name, "severity": rule.labels.get("severity"), "for_seconds": rule.wait_seconds}
                for rule in rules
            ]
        )
        return
    table = Table(Column("alert", no_wrap=True), "severity", "after", "what to do")
    for rule in rules:
        after = f"{rule.wait_seconds / 60:g} min" if rule.wait_seconds else "at once"
        table.add_row(rule.name, rule.labels.get("severity", "-"), after, rule.annotations.get("runbook", "-"))
    console.print(table)


@alerts.command("test")
@json_option
@run
async def alerts_test(as_json: bool) -> None:
    """Send a test alert: through Alertmanager if `alerts.alertmanager` is set, else to each receiver.

    Exit code 1 if one did not take it, or if nobody would hear of anything. What Alertmanager takes it passes on by
    its own configuration, after its `group_wait`.
    """
    from ops.alerts.trial import through_alertmanager, to_receivers

    settings = load_settings()
    if settings.alerts.alertmanager:
        await through_alertmanager(settings.alerts)
        found: dict[str, str | None] = {"alertmanager": None}
    else:
        found = await to_receivers(settings.receivers)
    if not found:
        raise click.ClickException("nobody hears of alerts: write a table [[receivers]] in looma.toml")
    if as_json:
        print_json({name: {"taken": error is None, "error": error} for name, error in found.items()})
    else:
        for name, error in found.items():
            console.print(error or f"{name} has taken it")
    if any(found.values()):
        raise click.exceptions.Exit(int(Exit.REFUSED))


@alerts.command("relay")
@run
async def alerts_relay() -> None:
    """Take Alertmanager's webhooks and tell the receivers, until told to stop.

    Alertmanager knows e-mail, Slack and webhooks, but no robots of DingTalk, Feishu or WeCom. Give it a
    `webhook_configs` with the url http://HOST:16094/alerts. Without receivers, alerts are in the log only.
    """
    from ops.alerts.relay import Relay
    from ops.runtime import logs

    settings = load_settings()
    logs.configure(settings.telemetry)
    where = f"http://{settings.alerts.host}:{settings.alerts.port}/alerts"
    console.print(f"{where}; telling {_names(settings)}")
    await _until_stopped(Relay(settings.alerts, settings.receivers).run())


def _names(settings: "Settings") -> str:
    return ", ".join(receiver.name for receiver in settings.receivers) or "the log alone"


def _rules(settings: "Settings") -> "list[Rule]":
    from ops.alerts.rules import NOT_HERE, OWN_RULES, read_rules

    return read_rules(settings.alerts.rules or OWN_RULES, NOT_HERE)


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        console.print("stopped")
