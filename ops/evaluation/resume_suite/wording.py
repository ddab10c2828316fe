"""What resumes call their sections and the personal data."""

from ops.evaluation.resume_suite.layouts import Layout
from ops.evaluation.resume_suite.people import Tongue

_HEADINGS: dict[Tongue, dict[str, tuple[str, ...]]] = {
    "zh": {
        "basics": ("基本信息", "个人信息", "个人资料", "基本资料", "基本情况", "个人概况"),
        "objective": ("求职意向", "求职目标", "应聘意向", "期望工作", "求职意向", "意向岗位"),
        "work": ("工作经历", "工作经验", "职业经历", "任职经历", "工作履历", "从业经历"),
        "education": ("教育背景", "教育经历", "学习经历", "教育情况", "学历教育", "受教育经历"),
        "projects": ("项目经历", "项目经验", "主要项目", "参与项目", "代表项目", "项目实践"),
        "skills": ("专业技能", "技能特长", "职业技能", "个人技能", "掌握技能", "技能清单"),
        "certificates": ("资格证书", "证书", "职业资格", "所获证书", "执业资格", "证书情况"),
        "languages": ("语言能力", "外语水平", "语言", "语言技能", "外语能力", "语言水平"),
        "awards": ("荣誉奖项", "获奖情况", "所获荣誉", "奖项荣誉", "荣誉证书与奖励", "奖励情况"),
        "summary": ("自我评价", "个人评价", "个人简介", "个人优势", "自我介绍", "关于我"),
        "hobbies": ("兴趣爱好", "业余爱好", "爱好", "兴趣特长", "个人爱好", "兴趣"),
        "references": ("证明人",) * 6,
    },
    "en": {
        "basics": ("Personal Details", "Personal Information", "Contact", "Contact Information", "Contact Details", "Personal Data"),
        "objective": ("Objective", "Career Objective", "Job Target", "Goal", "Target Position", "Objective"),
        "work": ("Experience", "Work Experience", "Professional Experience", "Employment History", "Career History", "Relevant Experience"),
        "education": ("Education", "Academic Background", "Education and Training", "Academic Qualifications", "Educational Background", "Education"),
        "projects": ("Projects", "Selected Projects", "Key Projects", "Project Experience", "Notable Projects", "Personal Projects"),
        "skills": ("Skills", "Technical Skills", "Core Competencies", "Areas of Expertise", "Key Skills", "Skills & Tools"),
        "certificates": ("Certifications", "Certificates", "Licenses & Certifications", "Professional Certifications", "Licences", "Credentials"),
        "languages": ("Languages", "Language Skills", "Languages Spoken", "Languages", "Foreign Languages", "Languages"),
        "awards": ("Awards", "Honors & Awards", "Honours", "Awards and Recognition", "Achievements and Awards", "Distinctions"),
        "summary": ("Summary", "Profile", "Professional Summary", "About Me", "Career Profile", "Personal Statement"),
        "hobbies": ("Interests", "Hobbies", "Hobbies and Interests", "Interests & Activities", "Personal Interests", "Hobbies"),
        "references": ("References", "Referees", "References", "References", "Referees", "References"),
    },
}  # fmt: skip
_LABELS: dict[Tongue, dict[str, tuple[str, ...]]] = {
    "zh": {
        "name": ("姓名", "姓名", "姓  名", "姓名", "姓名", "名字"),
        "gender": ("性别", "性别", "性  别", "性别", "性别", "性别"),
        "birth": ("出生年月", "出生日期", "生日", "出生年月", "出生日期", "出生年月日"),
        "phone": ("电话", "手机", "联系电话", "手机号码", "移动电话", "联系方式"),
        "email": ("邮箱", "电子邮箱", "E-mail", "Email", "邮件", "电子邮件"),
        "link": ("个人主页", "主页", "网址", "作品链接", "博客", "个人网站"),
        "place": ("现居地", "现居住地", "所在城市", "居住地", "现所在地", "住址"),
        "ethnic": ("民族",) * 6,
        "native": ("籍贯", "籍贯", "籍  贯", "户籍", "籍贯", "籍贯"),
        "politics": ("政治面貌",) * 6,
        "marital": ("婚姻状况", "婚否", "婚姻状况", "婚姻", "婚姻状况", "婚姻状况"),
        "nationality": ("国籍",) * 6,
        "target": ("求职意向", "应聘职位", "期望职位", "意向岗位", "目标职位", "应聘岗位"),
        "target_city": ("期望城市", "工作地点", "意向城市", "期望工作地", "目标地点", "期望地点"),
        "salary": ("期望薪资", "期望月薪", "薪资要求", "期望薪资", "期望待遇", "期望薪资"),
        "availability": ("到岗时间", "到岗时间", "可到岗时间", "求职状态", "到岗时间", "状态"),
        "degree": ("学历", "最高学历", "学  历", "学历", "文化程度", "学历"),
    },
    "en": {
        "name": ("Name", "Full Name", "Name", "Name", "Name", "Name"),
        "gender": ("Gender", "Sex", "Gender", "Gender", "Sex", "Gender"),
        "birth": ("Date of Birth", "Born", "Birth Date", "DOB", "Date of birth", "Birthday"),
        "phone": ("Phone", "Tel", "Mobile", "Telephone", "Cell", "Phone number"),
        "email": ("Email", "E-mail", "Email", "Mail", "Email address", "e-mail"),
        "link": ("Website", "Web", "LinkedIn/Web", "Link", "URL", "Portfolio"),
        "place": ("Location", "Address", "City", "Based in", "Residence", "Lives in"),
        "nationality": ("Nationality", "Citizenship", "Nationality", "Nationality", "Citizenship", "Nationality"),
        "target": ("Target position", "Desired role", "Position sought", "Objective", "Applying for", "Desired position"),
        "target_city": ("Preferred location", "Desired location", "Work location", "Location preference", "Preferred city", "Preferred location"),
        "salary": ("Salary expectation", "Expected salary", "Desired salary", "Salary expectations", "Expected salary", "Target salary"),
        "availability": ("Availability", "Available from", "Notice period", "Availability", "Start date", "Availability"),
        "degree": ("Highest degree",) * 6,
    },
}  # fmt: skip
_NUMERALS = "一二三四五六七八九十"


def heading(layout: Layout, tongue: Tongue, section: str, number: int) -> str:
    """Return a section's heading; `number` counts from 0."""
    text = _HEADINGS[tongue][section][layout.wording]
    other = _HEADINGS["en" if tongue == "zh" else "zh"][section][layout.wording]
    match layout.heading:
        case "caps":
            return text.upper()
        case "spaced":
            return " ".join(text.upper()) if tongue == "zh" else "   ".join(" ".join(w) for w in text.upper().split())
        case "brackets":
            return f"【{text}】"
        case "colon":
            return f"{text}：" if tongue == "zh" else f"{text}:"
        case "numbered":
            return f"{_NUMERALS[number]}、{text}" if tongue == "zh" else f"{number + 1}. {text}"
        case "marked":
            return f"■ {text}"
        case "bilingual":
            return f"{text} {other}"
        case "slashed":
            return f"{text} / {other}"
        case _:
            return text


def label(layout: Layout, tongue: Tongue, field: str) -> str:
    """Return what the layout calls a fact about the person."""
    text = _LABELS[tongue][field][layout.wording]
    if layout.language == "mixed" and field in ("phone", "email"):
        text = f"{text} {_LABELS['en'][field][layout.wording]}" if not text.isascii() else text
    return text


def title(layout: Layout, tongue: Tongue) -> str:
    """Return what the document calls itself."""
    if tongue == "en":
        return ("Curriculum Vitae", "Resume", "CURRICULUM VITAE")[layout.wording % 3]
    return ("个人简历", "简历", "个 人 简 历")[layout.wording % 3]
