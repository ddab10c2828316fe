"""Writes the facts of a sample talent as the plain text of a resume."""

from typing import Any


def resume_text(fields: dict[str, Any], english: bool) -> str:
    """Return the facts of a talent as the plain text of a resume."""
    skill_names = [skill["name"] for skill in fields["skills"]]
    school = fields["education"][0]
    if english:
        jobs = [
            f"{e['title']}, {e['company']} ({e['start'][:7]} to {e.get('end', 'present')[:7]})\n{e['description']}"
            for e in fields["employments"]
        ]
        degree = {"associate": "Associate", "bachelor": "BSc", "master": "MSc", "doctorate": "PhD"}[school["degree"]]
        parts = [
            f"{fields['name']}\n{fields['title']}, {fields['locations'][0]}\n"
            f"{fields['emails'][0]} | {fields['phones'][0]}",
            f"Summary\n{fields['summary']}",
            "Work experience\n" + "\n".join(jobs),
            f"Education\n{degree} {school['field']}, {school['school']}, {school['start'][:4]} - {school['end'][:4]}",
            "Skills\n" + ", ".join(skill_names),
        ]
    else:
        jobs = [
            f"{e['start'][:7]} 至 {e.get('end', '今')[:7]} {e['company']} {e['title']}\n{e['description']}"
            for e in fields["employments"]
        ]
        degree = {"associate": "大专", "bachelor": "本科", "master": "硕士", "doctorate": "博士"}[school["degree"]]
        parts = [
            f"姓名：{fields['name']}\n求职意向：{fields['title']}\n现居：{fields['locations'][0]}\n"
            f"邮箱：{fields['emails'][0]}\n电话：{fields['phones'][0]}",
            f"个人简介\n{fields['summary']}",
            "工作经历\n" + "\n".join(jobs),
            f"教育背景\n{school['start'][:4]}-{school['end'][:4]} {school['school']} {school['field']} {degree}",
            "专业技能\n" + "、".join(skill_names),
        ]
    return "\n\n".join(parts) + "\n"
