"""Tables of Boss直聘 and 智联招聘, as recruiters and public collections have them: columns by their names."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from connectors.formats.base import Record, identity, made
from connectors.formats.people import education, origin, person_id, positions
from connectors.formats.terms import degree, said_salary, work_forms, years
from connectors.formats.values import emails, first, long, short, shorts, words
from connectors.plain import RefusedError

_COLUMNS = {
    "id": "职位编号 岗位编号 职位ID 岗位ID 简历编号 简历ID 候选人编号 候选人ID 投递编号 编号 ID",
    "title": "职位名称 岗位名称 职位 岗位 招聘职位 职位标题 岗位",
    "company": "公司名称 公司 企业名称 公司全称 公司简称 招聘公司",
    "pay": "薪资 薪资范围 月薪 职位月薪 薪资待遇 薪酬 工资 薪水 月薪范围 待遇 薪资水平",
    "place": "工作地点 工作城市 城市 地点 工作地区 地区 所在城市 工作区域 城市名称",
    "experience": "工作经验 经验要求 工作年限 经验 年限 工作经验要求",
    "degree": "学历 学历要求 最低学历 教育程度 最高学历",
    "skills": "技能标签 技能 技能要求 职位标签 岗位标签 关键词 专业技能 标签",
    "description": "职位描述 岗位描述 职位详情 岗位职责描述 职位信息 岗位详情 工作内容 岗位职责",
    "demands": "任职要求 岗位要求 职位要求",
    "link": "职位链接 链接 详情链接 岗位链接 职位详情链接 网址 URL",
    "form": "工作性质 职位性质 职位类型 用工形式 工作类型",
    "state": "职位状态 招聘状态 岗位状态",
    "name": "姓名 候选人 候选人姓名 求职者 应聘者",
    "phone": "手机 手机号 手机号码 电话 联系电话 联系方式 移动电话",
    "mail": "邮箱 电子邮箱 电子邮件 邮箱地址 Email E-mail",
    "wanted": "期望职位 求职意向 意向岗位 意向职位 期望岗位",
    "wanted_pay": "期望薪资 期望月薪 期望薪酬 薪资要求 期望待遇",
    "wanted_place": "期望城市 期望地点 期望工作地 期望工作地点 期望工作城市",
    "home": "现居住地 现居地 居住地 现居城市 所在地 目前所在地 所在城市 城市",
    "birth": "出生日期 出生年月 生日 出生年份",
    "address": "联系地址 通讯地址 家庭住址 家庭地址 现住址 住址 详细地址 地址",
    "code": "邮编 邮政编码",
    "school": "毕业院校 学校 毕业学校 院校 学校名称",
    "field": "专业 所学专业 专业名称",
    "last_company": "最近公司 最近一家公司 目前公司 当前公司 现公司 最近工作单位 最近就职公司 公司",
    "last_title": "最近职位 目前职位 当前职位 现任职位 最近担任职位",
    "seeking": "求职状态 在职状态 目前状态",
    "about": "自我评价 个人优势 自我介绍 个人简介",
}
_NAMES = {
    part: [unicodedata.normalize("NFKC", name).casefold() for name in names.split()] for part, names in _COLUMNS.items()
}
_IGNORED = re.compile(r"[\s_*:：()（）\-]+")
_DEGREES = ("不限", "无要求")


def is_table(row: Any) -> bool:
    """Whether a row has the columns of jobs or of people."""
    if not isinstance(row, dict):
        return False
    said = _Row(row)
    return said.person or bool(said("title") and (said("company") or said("pay")))


def of_table(prefix: str, row: Mapping[str, Any]) -> Record:
    """Return the job or the talent of a row. Raises RefusedError."""
    said = _Row(row)
    return _talent(prefix, said, row) if said.person else _job(prefix, said)


class _Row:
    """A row's cells by what their columns mean."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._cells = {
            _IGNORED.sub("", unicodedata.normalize("NFKC", str(name)).casefold()): cell for name, cell in row.items()
        }
        self.person = any(name in self._cells for name in _NAMES["name"])

    def __call__(self, part: str) -> str | None:
        return next((said for name in _NAMES[part] if (said := _text(self._cells.get(name)))), None)


def _text(cell: Any) -> str | None:
    said = cell.strip() if isinstance(cell, str) else None
    return said if said and said not in ("-", "--", "/", "无", "None", "null", "nan") else None


def town(place: str | None) -> str | None:
    """Return the town of `北京·朝阳区·望京` or `北京-朝阳区`."""
    said = re.split(r"[·•\-—|｜/\s]", place.strip(), maxsplit=1)[0] if place else None
    return short(said)


def asked_degree(said: Any) -> str | None:
    """Return the level of `本科及以上`; nothing for `学历不限`."""
    named = short(said)
    return None if named is None or any(word in named for word in _DEGREES) else degree(named)


def _job(prefix: str, said: _Row) -> Record:
    title, description = short(said("title")), long(said("description"), said("demands"))
    if title is None and description is None:
        raise RefusedError(
            "a row is a job (职位名称, 公司名称, 薪资 …) or a person (姓名 …); see the columns in docs/guides/import.md"
        )
    company, place, link = short(said("company")), town(said("place")), said("link")
    least, most = years(said("experience"))
    known = first(said("id"), _last_part(link))
    fields = {
        "title": title,
        "company": company,
        "language": "zh",
        "description": description,
        "skills": [{"name": name} for name in words(said("skills"))[:500]],
        "years_experience_min": least,
        "years_experience_max": most,
        "education_level": asked_degree(said("degree")),
        "locations": shorts(place),
        "salary": said_salary(said("pay"), "zh"),
        **work_forms(said("form")),
        "status": "closed" if any(word in (said("state") or "") for word in ("关闭", "停止", "下线")) else "open",
    }
    return made("job", identity(prefix, known or f"{company}\x1f{title}\x1f{place}"), fields)


def _last_part(link: str | None) -> str | None:
    name = (link or "").split("?")[0].rstrip("/").rpartition("/")[2]
    return re.sub(r"\.s?html?$", "", name) or None


def _talent(prefix: str, said: _Row, row: Mapping[str, Any]) -> Record:
    name, mails = short(said("name")), emails(said("mail"))
    if name is None and not mails:
        raise RefusedError("a person's row has 姓名 or 邮箱")
    least, _ = years(said("experience"))
    level = degree(said("degree"))
    state = said("seeking") or ""
    fields = {
        "name": name,
        "emails": mails,
        "phones": words(said("phone"))[:20],
        **origin(said("birth"), said("address"), code=said("code")),
        "language": "zh",
        "title": first(said("last_title"), said("wanted"), said("title")),
        "summary": long(said("about")),
        "skills": [{"name": skill} for skill in words(said("skills"))[:500]],
        "years_experience": least,
        "education_level": level,
        "education": education([(said("school"), level, said("field"), None, None)]),
        "employments": positions([(said("last_company"), said("last_title"), None, None, None)]),
        "locations": shorts([town(said("wanted_place")), town(said("home"))]),
        "salary_expected": said_salary(said("wanted_pay"), "zh"),
        "status": "active" if "离职" in state or "随时" in state else None,
    }
    known = said("id")
    return made("talent", identity(prefix, known) if known else person_id(prefix, fields, dict(row)), fields)
