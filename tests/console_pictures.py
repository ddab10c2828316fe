"""Takes the guide's pictures of the console anew, in both languages: `python -m tests.console_pictures`.

Needs playwright and Chromium, and the stack of the folder it is run in: after `looma demo`, with `looma up`, a worker and
`looma api` running. While it looks at the flow it sends events, so that there is something to see.
"""

import importlib
import io
import json
import shutil
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image

from ops.console.address import console_address
from ops.runtime.settings_errors import read_settings

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
SECONDS = 14
"""Of events, before the flow is pictured: a rate is that of the last twelve."""


def main() -> None:
    """Picture the pages; those of matches and of a resume are of the record that an argument names."""
    talent = sys.argv[1] if len(sys.argv) > 1 else "T0227"
    settings = read_settings()
    base = console_address(settings).partition("?")[0]
    stop = threading.Event()
    sending = threading.Thread(target=_send, args=(base, stop), daemon=True)
    with importlib.import_module("playwright.sync_api").sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language, locale in (("zh", "zh-CN"), ("en", "en-GB")):
            size = {"width": WIDTH, "height": HEIGHT}
            page = chromium.new_context(locale=locale, viewport=size).new_page()
            page.goto(console_address(settings))
            if not sending.is_alive():
                sending.start()
            page.locator(".node.stage").first.wait_for()
            page.wait_for_timeout(SECONDS * 1000)
            _keep(page, f"console-flow-{language}")
            page.goto(f"{base}talents/{talent}/matches")
            page.locator("details.raises, details").first.wait_for()
            _keep(page, f"console-matches-{language}")
            page.goto(f"{base}versions")
            _keep(page, f"console-versions-{language}")
        stop.set()
        chromium.close()


def _keep(page: Any, name: str) -> None:
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(IMAGES / f"{name}.webp", "WEBP", quality=82, method=6)


def _send(base: str, stop: threading.Event) -> None:
    """Say the same of companies, jobs and talents of the sample again and again, each time a little otherwise."""
    number = 0
    while not stop.wait(0.15):
        number += 1
        kind, id = (("talents", "T%04d"), ("jobs", "J%04d"), ("companies", "C%03d"))[number % 3]
        fields = {"summary" if kind == "talents" else "description": f"示例 {number}"}
        address = f"{base.removesuffix('console/')}v1/{kind}/{id % (number % 40 + 1)}?source=crm"
        request = urllib.request.Request(address, json.dumps(fields).encode(), method="PATCH")
        request.add_header("content-type", "application/merge-patch+json")
        urllib.request.urlopen(request, timeout=10).close()


if __name__ == "__main__":
    main()
