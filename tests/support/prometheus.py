"""Debian's Prometheus, where it is installed, scraping pages of ours under our own alert rules."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from ops.alerts.rules import OWN_RULES
from ops.local.embedded.stack import free_ports

PROMETHEUS = shutil.which("prometheus")
DASHBOARDS = Path(__file__).parents[2] / "compose" / "grafana" / "dashboards"
SCRAPES = 4
"""That a rate needs, and one more."""


def expressions() -> list[str]:
    """Return the expressions of all panels, with what Grafana would put in for its variables."""
    found = []
    for path in sorted(DASHBOARDS.glob("*.json")):
        for panel in json.loads(path.read_text("utf-8"))["panels"]:
            found += [target["expr"] for target in panel.get("targets", ()) if "expr" in target]
    return [each.replace("$__rate_interval", "1m") for each in found]


class Scraping:
    """A Prometheus that has scraped its targets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def query(self, expression: str) -> list[Any]:
        """Return the series of an expression now."""
        answer = self._http.get("/api/v1/query", params={"query": expression})
        if answer.status_code == 503:
            raise httpx.ConnectError("it is starting")
        assert answer.status_code == 200, (expression, answer.text)
        found: list[Any] = answer.json()["data"]["result"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules as Prometheus has them."""
        groups = self._http.get("/api/v1/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def until_evaluated(self) -> None:
        """Wait until each rule was evaluated."""
        self.until(lambda: all(rule["health"] != "unknown" for rule in self.rules()))

    def rule_problems(self) -> dict[str, str]:
        """Return the rules that could not be evaluated, and why."""
        return {rule["name"]: rule["lastError"] for rule in self.rules() if rule.get("lastError")}

    def until(self, holds: Any) -> None:
        """Wait for something."""
        deadline = time.monotonic() + 60
        while not self._safely(holds):
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def _safely(self, holds: Any) -> bool:
        try:
            return bool(holds())
        except httpx.TransportError:  # it is starting
            return False


@contextmanager
def scraping(targets: Mapping[str, int], folder: Path) -> Iterator[Scraping]:
    """Run Prometheus for the block, on ports of this machine by job, once it has scraped each SCRAPES times."""
    assert PROMETHEUS is not None
    (port,) = free_ports(1)
    jobs = [{"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{each}"]}]} for job, each in targets.items()]
    file = folder / "prometheus.yaml"
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    file.write_text(yaml.safe_dump({"global": every, "rule_files": [str(OWN_RULES)], "scrape_configs": jobs}))
    command = [
        PROMETHEUS,
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        running = Scraping(f"http://127.0.0.1:{port}")
        scraped = f"count(count_over_time(up[1m]) >= {SCRAPES})"
        running.until(lambda: [v for r in running.query(scraped) if int(v := r["value"][1]) == len(targets)])
        yield running
    finally:
        process.terminate()
        process.wait(20)
