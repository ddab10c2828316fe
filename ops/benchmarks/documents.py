"""Milliseconds per document by format, throughput and memory of the document reader.

A three-page resume in every digital format and one dense page as a scan, through the pool of workers. Run it by
`PYTHONPATH=.:tests python ops/benchmarks/documents.py`.
"""

import asyncio
import io
import json
import os
import time

import documents_samples as samples
import psutil

from connectors.documents import DocumentReader

WORKERS = 2
PAGES = samples.resume_pdf(3)


def documents() -> dict[str, bytes]:
    """Return the files that are read, by name."""
    lines = [
        "北京某某科技有限公司 高级工程师 2019.03 - 至今",
        "负责招聘平台的流式数据处理，把延迟从三秒降到三百毫秒。",
    ] * 60
    body = "".join(f"<text:p>{line}</text:p>" for line in lines)
    buffer = io.BytesIO()
    samples.scanned_page().save(buffer, "JPEG", quality=70)
    return {
        "pdf": PAGES,
        "docx": samples.resume_docx(repeat=60),
        "odt": samples.odt(body),
        "doc": samples.word97("\r".join(lines) + "\r"),
        "rtf": b"{\\rtf1\\ansi " + "".join(f"\\u{ord(c)}?" if c > "~" else c for c in " ".join(lines)).encode() + b"}",
        "html": ("<html><body>" + "".join(f"<p>{line}</p>" for line in lines) + "</body></html>").encode("gb18030"),
        "markdown": ("# 张三\n\n" + "\n\n".join(f"- **{line}**" for line in lines)).encode(),
        "text": "\n".join(lines).encode("gb18030"),
        "scan": buffer.getvalue(),
    }


async def main() -> None:
    """Print one JSON line a format, then throughput and memory."""
    async with DocumentReader(WORKERS) as reader:
        for name, data in documents().items():
            peak = 0
            count = 25 if name.startswith("scan") else 300
            took = []
            for _ in range(count + 2):
                started = time.perf_counter()
                document = await reader.read(data)
                took.append((time.perf_counter() - started) * 1000)
                workers = psutil.Process().children(recursive=True)
                peak = max([peak, *(w.memory_info().rss for w in workers)])
            took = sorted(took[2:])  # the first ones start workers
            started = time.perf_counter()
            await asyncio.gather(*(reader.read(data) for _ in range(min(count, 60))))
            rate = min(count, 60) / (time.perf_counter() - started)
            result = {"format": name, "bytes": len(data), "characters": len(document.text), "n": count}
            result |= {"p50_ms": round(took[len(took) // 2], 1), "p99_ms": round(took[int(len(took) * 0.99)], 1)}
            print(json.dumps(result | {"per_second": round(rate, 1), "largest_worker_mb": peak >> 20}), flush=True)
    print(json.dumps({"workers": WORKERS, "cores": os.cpu_count()}))


if __name__ == "__main__":
    asyncio.run(main())
