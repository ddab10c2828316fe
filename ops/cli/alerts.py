"""`looma watch` and `looma alerts`: who looks after the workers, and who hears of it."""

import asyncio
import signal
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.durations import DURATION, MOMENT
from ops.cli.tables import Column, Table
from schemas.exits import Exit

if TYPE_CHECKING:
    from ops.alerts.rules import Rule
    from ops.alerts.silences import InAlertmanager, InFolder
    from schemas.settings import Settings


@click.command()
@run
async def watch() -> None:
    """Look at the workers, evaluate the alert rules and tell the receivers, until told to stop.

    For installations without Prometheus and Alertmanager: the same rules, groups and inhibitions from the same files.
    Looks at the pages of `alerts.targets` every 5 s, and tells those of `[[receivers]]`; without any, alerts are in
    the log only. What it has seen is in memory: rules that look back an hour know less after a restart.
    """
    from ops.alerts.policy import OWN_POLICY, read_policy
    from ops.alerts.silences import InFolder
    from ops.alerts.watch import Watch
    from ops.runtime import logs

    settings = load_settings()
    rules, policy = _rules(settings), read_policy(settings.alerts.policy or OWN_POLICY)
    logs.configure(settings.telemetry)
    console.print(f"{len(rules)} rules, {len(settings.alerts.targets)} pages; telling {_names(settings)}")
    watch = Watch(settings.alerts, settings.receivers, rules, policy, InFolder(settings.data_dir))
    await _until_stopped(watch.run())


@click.group()
def alerts() -> None:
    """List alert rules, try the receivers, silence alerts, and pass on what Alertmanager sends.

    \b
    looma alerts test                      who takes a test alert
    looma alerts silence alertname=LoomaNoEvents --for 8h
    """


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
        minutes = f"{rule.wait_seconds / 60:g} min" if rule.wait_seconds >= 60 else f"{rule.wait_seconds:g} s"
        after = minutes if rule.wait_seconds else "at once"
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
    scheme = "https" if settings.alerts.certificate_file else "http"
    where = f"{scheme}://{settings.alerts.host}:{settings.alerts.port}/alerts"
    console.print(f"{where}; telling {_names(settings)}")
    await _until_stopped(Relay(settings.alerts, settings.receivers).run())


@alerts.command("silence")
@click.argument("matchers", metavar="MATCHER...", nargs=-1, required=True)
@click.option("--for", "lasts", default="2h", show_default=True, type=DURATION, help="How long, as 90m or 1d.")
@click.option("--from", "begins", type=MOMENT, help="When it begins, as 2026-12-01T22:00; without a zone it is UTC.")
@click.option("--comment", default="", help="Why, for whoever looks at it.")
@json_option
@run
async def alerts_silence(
    matchers: tuple[str, ...], lasts: timedelta, begins: datetime | None, comment: str, as_json: bool
) -> None:
    """Tell nobody of some alerts for a time: a maintenance window.

    \b
    looma alerts silence alertname=LoomaNoEvents --for 8h
    looma alerts silence 'severity=~"warning|critical"' --from 2026-12-01T22:00 --for 1h --comment upgrade

    Each MATCHER must hold: label=value, or != =~ !~ as Alertmanager has them. The alerts fire all the same, and are
    told if they still do when it ends. Alertmanager keeps it if `alerts.alertmanager` is set, else `looma watch` does.
    """
    from ops.alerts.policy import matcher
    from ops.alerts.silences import Silence

    starts = begins or datetime.now(UTC)
    wanted = Silence(
        id="", matchers=[str(matcher(each)) for each in matchers], starts=starts, ends=starts + lasts, comment=comment
    )
    name = await _silences(load_settings()).add(wanted)
    if as_json:
        print_json(wanted.model_copy(update={"id": name}).model_dump(mode="json"))
    else:
        console.print(f"{name}: {', '.join(wanted.matchers)} until {wanted.ends:%Y-%m-%d %H:%M} UTC")


@alerts.command("silences")
@json_option
@run
async def alerts_silences(as_json: bool) -> None:
    """List the silences, also those that will begin or have just ended."""
    found = await _silences(load_settings()).all()
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    table, now = Table(Column("id", no_wrap=True), "what", "from", "to", "state", "why"), datetime.now(UTC)
    for each in sorted(found, key=lambda each: each.starts):
        state = "on" if each.is_on(now) else "over" if each.ends <= now else "to come"
        times = (f"{at:%Y-%m-%d %H:%M}" for at in (each.starts, each.ends))
        table.add_row(each.id, ", ".join(each.matchers), *times, state, each.comment)
    console.print(table)


@alerts.command("unsilence")
@click.argument("name", metavar="ID")
@run
async def alerts_unsilence(name: str) -> None:
    """End a silence now."""
    await _silences(load_settings()).end(name)


def _silences(settings: "Settings") -> "InFolder | InAlertmanager":
    from ops.alerts.silences import InAlertmanager, InFolder

    url = settings.alerts.alertmanager
    return InAlertmanager(url, settings.alerts.ca_file) if url else InFolder(settings.data_dir)


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
