"""Takes the guide's pictures of the console anew, in both languages: `python -m tests.console_pictures`.

Needs playwright and Chromium, and the stack of the folder it is run in: after `looma demo`, with `looma up`, a worker, a
resume worker and `looma api` running. While it looks at the flow it sends events, so that there is something to see.
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
from tests.documents_samples import pdf

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
RESUME = "TX09"
"""A talent of whom there is a resume of ours alone."""
LINES = (
    "李明辉",
    "电话：13800138000    邮箱：li.minghui@example.com",
    "求职意向：后端工程师    期望城市：上海",
    "",
    "工作经历",
    "2019.03 - 至今    北京云图科技有限公司    高级后端工程师",
    "- 负责招聘平台的流式数据处理，使用 Python 与 Kafka",
    "- 带领五人团队完成从批处理到流处理的迁移",
    "2016.07 - 2019.02    上海星河网络有限公司    后端工程师",
    "- 维护人才库的去重与合并服务，使用 Java 与 MySQL",
    "",
    "教育经历",
    "2012.09 - 2016.06    浙江大学    计算机科学与技术    本科",
    "",
    "技能：Python、Kafka、MongoDB、Docker",
    "语言：英语（CET-6）",
)
SECONDS = 14
"""Of events, before the flow is pictured: a rate is that of the last twelve."""


def main() -> None:
    """Picture the pages; those of matches and of a resume are of the record that an argument names."""
    talent = sys.argv[1] if len(sys.argv) > 1 else "T0227"
    settings = read_settings()
    base = console_address(settings).partition("?")[0]
    stop = threading.Event()
    _post(base, f"talents/{RESUME}/resume", pdf(_draw))
    sending = threading.Thread(target=_send, args=(base, stop), daemon=True)
    with importlib.import_module("playwright.sync_api").sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language, locale in (("zh", "zh-CN"), ("en", "en-GB")):
            size = {"width": WIDTH, "height": HEIGHT}
            page = chromium.new_context(locale=locale, viewport=size).new_page()
            page.goto(console_address(settings))
            page.goto(f"{base}talents/{talent}/matches")
            page.locator("details.raises, details").first.wait_for()
            _keep(page, f"console-matches-{language}")
            page.goto(f"{base}talents/{RESUME}/resume")
            page.locator(".sheet image").first.wait_for()
            page.wait_for_timeout(2000)
            _keep(page, f"console-resume-{language}")
            if not sending.is_alive():  # from here on nothing is as it was
                sending.start()
            page.goto(f"{base}flow")
            page.locator(".node.stage").first.wait_for()
            page.wait_for_timeout(SECONDS * 1000)
            _keep(page, f"console-flow-{language}")
        stop.set()
        chromium.close()


def _keep(page: Any, name: str) -> None:
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(IMAGES / f"{name}.webp", "WEBP", quality=82, method=6)


def _draw(canvas: Any, _: int) -> None:
    canvas.setFont("STSong-Light", 12.5)
    for number, line in enumerate(LINES):
        canvas.drawString(70, 780 - 24 * number, line)


def _post(base: str, path: str, body: bytes) -> None:
    address = f"{base.removesuffix('console/')}v1/{path}?source=crm"
    request = urllib.request.Request(address, body, {"content-type": "application/octet-stream"}, method="POST")
    urllib.request.urlopen(request, timeout=10).close()


def _send(base: str, stop: threading.Event) -> None:
    """Say again and again how good a few are at what they can, each time a little otherwise."""
    number = 0
    while not stop.wait(0.3):
        number += 1
        kind = ("talents", "jobs", "companies")[number % 3]
        fields = {"website": f"https://example.com/{number}"} if kind == "companies" else {"title": "数据工程师"}
        if kind != "companies":
            fields["summary" if kind == "talents" else "description"] = f"负责实时数据平台，第 {number} 版"
        address = f"{base.removesuffix('console/')}v1/{kind}/S{number % 40 + 1:04d}?source=crm"
        request = urllib.request.Request(address, json.dumps(fields).encode(), method="PATCH")
        request.add_header("content-type", "application/merge-patch+json")
        urllib.request.urlopen(request, timeout=10).close()


if __name__ == "__main__":
    main()
