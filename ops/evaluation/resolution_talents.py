"""Generates people and the imperfect records that several systems hold of them, with the truth beside each record.

A world of people comes first (names, phones and addresses over time, schools, careers, families, namesakes), then each
source takes a snapshot of a person at some date and writes it down in its own way, with losses and mistakes. The rates
are module constants and were set before the matcher was tuned.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import opencc
from pypinyin import Style, lazy_pinyin

Fields = dict[str, Any]
Labelled = tuple[str, str, Fields]
"""(record id, true entity, fields)."""

# Shares of people.
FAMILY = 0.03  # each: a parent and a child; twins; a couple. All share a phone, some an address.
NAMESAKE = 0.05  # has the same name as a colleague; half of them also went to the same school
FOREIGN = 0.12  # English names, nicknames
RECORDS = (45, 30, 15, 7, 3)  # weights of 1..5 records a person

# Chances per record.
AGENCY = 0.08  # reposted by an agency: its phone and often its address instead of the person's
MASKED = 0.15  # of those, the name is masked (张先生, 张**)
SWITCHBOARD = 0.03  # the employer's switchboard instead of a mobile phone
NO_PHONE, NO_EMAIL, NO_EMPLOYMENT, NO_EDUCATION = 0.12, 0.2, 0.12, 0.18
NAME_TYPO, PHONE_TYPO, EMAIL_TYPO = 0.015, 0.012, 0.012
DATE_NOISE = 0.2

SURNAMES = (
    "王 71 李 70 张 67 刘 54 陈 45 杨 31 黄 22 赵 21 吴 20 周 20 徐 15 孙 15 马 13 朱 13 胡 12 郭 12 何 11 林 11 "
    "高 10 罗 10 郑 9 梁 8 谢 8 宋 7 唐 7 许 6 韩 6 邓 6 冯 6 曹 6 彭 6 曾 5 肖 5 田 5 董 5 潘 5 袁 5 蔡 5 蒋 5 "
    "余 5 于 4 杜 4 叶 4 程 4 魏 4 苏 4 吕 4 丁 4 任 4 卢 4 姚 4 沈 4 钟 3 姜 3 崔 3 谭 3 陆 3 范 3 汪 3 廖 3 "
    "石 3 金 3 韦 3 贾 3 夏 3 傅 3 方 3 邹 3 熊 2 白 2 孟 2 秦 2 邱 2 侯 2 江 2 尹 2 薛 2 闫 2 段 2 雷 2 龙 2 "
    "黎 2 史 2 陶 2 贺 2 毛 2 郝 2 顾 2 龚 2 邵 2 万 2 覃 1 武 1 钱 1 戴 1 严 1 莫 1 孔 1 向 1 常 1 单 1 解 1 "
    "欧阳 1 诸葛 1 上官 1"
)
SINGLE = "伟芳娜敏静磊军洋勇艳杰娟涛明超霞平刚辉玲鹏丽强飞燕浩宇波斌凯婷鑫莉博健峰琳亮丹晨倩旭颖龙佳雪帅洁瑞萍宁琪阳俊"
GIVEN = (
    "子梓雨晓建志文思浩欣佳嘉俊宇诗梦若一天明海国小春秀红玉雪美丽永德家立振宏光新中世景少泽博瑞锦雅可心紫静慧婉",
    "涵轩桐宇怡杰明华强军平辉林峰波涛英芳兰梅玲娟霞燕萍琳琪颖妍宁远然博文豪阳晨鹏飞龙斌伟国民庆云生成康乐清悦雯瑶",
)
_ENGLISH = [
    "David", "Michael", "Jason", "Kevin", "Eric", "Tony", "Jack", "Leo", "Alex", "Andy", "Lily", "Amy", "Cindy",
    "Grace", "Vivian", "Lucy", "Emma", "Jenny", "Helen", "Sophia",
]  # fmt: skip
_FIRST = [
    "Robert:Bob", "William:Bill", "Elizabeth:Liz", "Katherine:Kate", "Michael:Mike", "Thomas:Tom", "Richard:Rick",
    "James:Jim", "Jennifer:Jen", "Alexander:Alex", "Benjamin:Ben", "Christopher:Chris", "Daniel:Dan",
    "Matthew:Matt", "Nicholas:Nick", "Samuel:Sam", "Rebecca:Becky", "Susan:Sue", "Margaret:Maggie", "Anthony:Tony",
    "Joseph:Joe", "Andrew:Andy", "Priya:", "Rahul:", "Sofia:", "Marcus:", "Ingrid:", "Fatima:", "Diego:", "Chloe:",
    "Hannah:", "Oliver:", "Nadia:", "Victor:",
]  # fmt: skip
_LAST = [
    "Smith", "Johnson", "Brown", "Taylor", "Wilson", "Carter", "Novak", "Sharma", "Bauer", "Rossi", "Murphy",
    "Khan", "Andersen", "Hughes", "Patel", "Dubois", "Garcia", "Okafor", "Schmidt", "Reid", "Silva", "Kowalski",
    "Foster", "Walker", "Fischer", "Moreau", "O'Brien",
]  # fmt: skip
_SCHOOLS = [
    "清华大学|清华|Tsinghua University", "北京大学|北大|Peking University", "浙江大学|浙大|Zhejiang University",
    "复旦大学|复旦|Fudan University", "上海交通大学|上海交大|Shanghai Jiao Tong University",
    "南京大学|南大|Nanjing University", "武汉大学|武大|Wuhan University",
    "华中科技大学|华科|Huazhong University of Science and Technology", "四川大学|川大|Sichuan University",
    "中山大学|中大|Sun Yat-sen University", "西安交通大学|西安交大|Xi'an Jiaotong University",
    "同济大学|同济|Tongji University", "重庆大学|重大|Chongqing University", "厦门大学|厦大|Xiamen University",
    "山东大学|山大|Shandong University",
    "电子科技大学|成电|University of Electronic Science and Technology of China",
    "北京邮电大学|北邮|Beijing University of Posts and Telecommunications", "深圳大学|深大|Shenzhen University",
    "苏州大学|苏大|Soochow University", "杭州电子科技大学|杭电|Hangzhou Dianzi University",
    "湖南大学|湖大|Hunan University", "郑州大学|郑大|Zhengzhou University", "天津大学|天大|Tianjin University",
    "东南大学|东大|Southeast University", "吉林大学|吉大|Jilin University", "兰州大学|兰大|Lanzhou University",
    "暨南大学|暨大|Jinan University", "上海大学|上大|Shanghai University",
    "广东工业大学|广工|Guangdong University of Technology", "合肥工业大学|合工大|Hefei University of Technology",
    "南昌大学|昌大|Nanchang University", "河北工业大学|河工大|Hebei University of Technology",
    "长沙理工大学|长理|Changsha University of Science and Technology",
    "成都信息工程大学|成信大|Chengdu University of Information Technology",
]  # fmt: skip
_FOREIGN_SCHOOLS = [
    "University of Leeds", "National University of Singapore", "University of Toronto",
    "Technical University of Munich", "Boston University", "University of Manchester", "San Jose State University",
    "University of Warsaw", "University of Melbourne", "Purdue University",
]  # fmt: skip
_BRANDS = [
    "云启", "星河", "远桥", "青禾", "智泽", "鸿图", "海岳", "新澜", "博闻", "嘉木", "万象", "凌志", "华宸", "安诺",
    "明德", "拓维", "晨曦", "瑞丰", "朗越", "恒信", "中天", "金石", "天和", "东方", "长江", "泰和",
]  # fmt: skip
_TRADES = [
    "科技|Technology", "网络|Network", "信息技术|Information Technology", "软件|Software", "物流|Logistics",
    "医药|Pharma", "食品|Foods", "金融|Finance",
]  # fmt: skip
_CITIES = ["北京", "上海", "深圳", "杭州", "广州", "南京", "成都", "武汉", "西安", "苏州", "重庆", "长沙"]
_TITLES = [
    "后端工程师", "前端工程师", "算法工程师", "数据分析师", "产品经理", "项目经理", "测试工程师", "运维工程师",
    "架构师", "人力资源主管", "财务经理", "销售经理", "市场专员", "运营经理", "设计师", "行政主管",
]  # fmt: skip
_MAIL = ["qq.com", "163.com", "gmail.com", "126.com", "outlook.com", "foxmail.com", "hotmail.com", "sina.com"]
_AGENCIES = 12
_TO_TRADITIONAL = opencc.OpenCC("s2t")
_HOMOPHONES = [
    "伟维", "明铭", "晓小", "芳方", "静婧", "杰洁", "军君", "涛滔", "华桦", "玲灵", "文雯", "宇雨", "佳嘉", "颖莹",
    "丽莉", "志智", "建健", "俊峻", "琪琦", "阳洋", "浩皓", "辉晖", "鹏朋", "子紫",
]  # fmt: skip
_TODAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Employer:
    """A place of work and the ways its name is written."""

    names: tuple[str, ...]
    domain: str
    switchboard: str


@dataclass
class Person:
    """The truth about one person. Phones and emails are (from year, value), oldest first."""

    surname: str
    given: str
    english: str
    foreign: bool
    born: int
    phones: list[tuple[int, str]]
    emails: list[tuple[int, str]]
    school: str
    graduated: int
    master: str | None
    jobs: list[tuple[Employer, str, date, date | None]]
    city: str


def talents(seed: int, people: int) -> list[Labelled]:
    """Return the shuffled records of `people` invented people; the same seed gives the same records."""
    return _World(random.Random(f"talents {seed}")).records(people)


def _zipf(rng: random.Random, items: Sequence[Any]) -> Any:
    return rng.choices(items, [1 / (n + 3) for n in range(len(items))])[0]


class _World:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        words = SURNAMES.split()
        self.surnames, self.weights = words[::2], [int(w) for w in words[1::2]]
        self.employers = [self._employer() for _ in range(250)]
        self.agencies = [(self._mobile(), f"hr{n}@headhunt{n}.cn") for n in range(_AGENCIES)]

    def records(self, people: int) -> list[Labelled]:
        """Draw the people, then their records."""
        world: list[Person] = []
        while len(world) < people:
            person = self._person()
            world.append(person)
            chance = self.rng.random()
            for number, kin in enumerate((self._child, self._twin, self._partner)):
                if chance < FAMILY * (number + 1):
                    world.append(kin(person))
                    break
            else:
                if chance < 3 * FAMILY + NAMESAKE:
                    world.append(self._namesake(person))
        found: list[Labelled] = []
        for number, person in enumerate(world):
            for _ in range(self.rng.choices(range(1, 6), RECORDS)[0]):
                found.append(("", f"p{number}", self._record(person)))
        self.rng.shuffle(found)
        return [(f"t-{n:06}", truth, fields) for n, (_, truth, fields) in enumerate(found)]

    # People

    def _mobile(self) -> str:
        prefix = self.rng.choice(
            [
                "130",
                "131",
                "135",
                "136",
                "137",
                "138",
                "139",
                "150",
                "151",
                "152",
                "158",
                "159",
                "176",
                "177",
                "180",
                "186",
                "187",
                "188",
                "189",
                "199",
            ]
        )
        return f"+86{prefix}{self.rng.randrange(10**8):08}"

    def _employer(self) -> Employer:
        rng = self.rng
        brand, trade, city = rng.choice(_BRANDS), rng.choice(_TRADES).split("|"), rng.choice(_CITIES)
        latin = "".join(lazy_pinyin(brand))
        names = (
            f"{city}{brand}{trade[0]}有限公司",
            f"{brand}{trade[0]}",
            f"{brand}（{city}）{trade[0]}有限公司",
            f"{latin.title()} {trade[1]} Co., Ltd.",
        )
        return Employer(names, f"{latin}{rng.randrange(100)}.com", f"+8610{rng.randrange(6 * 10**7, 9 * 10**7)}")

    def _given(self) -> str:
        if self.rng.random() < 0.3:
            return str(_zipf(self.rng, SINGLE))
        return str(_zipf(self.rng, GIVEN[0])) + str(_zipf(self.rng, GIVEN[1]))

    def _person(self) -> Person:
        rng = self.rng
        foreign = rng.random() < FOREIGN
        if foreign:
            surname, given = rng.choice(_LAST), rng.choice(_FIRST)
        else:
            surname, given = rng.choices(self.surnames, self.weights)[0], self._given()
        born = rng.randint(1968, 2001)
        school = str(_zipf(rng, _FOREIGN_SCHOOLS if foreign else _SCHOOLS))
        graduated = born + rng.choice((21, 22, 22, 22, 23))
        person = Person(
            surname, given, rng.choice(_ENGLISH) if rng.random() < 0.35 else "", foreign, born,
            [], [], school, graduated, None, [], rng.choice(_CITIES),
        )  # fmt: skip
        if rng.random() < 0.3:
            person.master = str(_zipf(rng, _FOREIGN_SCHOOLS if foreign or rng.random() < 0.2 else _SCHOOLS))
        person.phones = self._over_time(graduated, self._mobile, 0.45)
        person.emails = self._over_time(graduated, lambda: self._email(person), 0.5)
        person.jobs = self._career(graduated + (3 if person.master else 0))
        return person

    def _over_time(self, since: int, value: Callable[[], str], again: float) -> list[tuple[int, str]]:
        found = [(since, value())]
        while self.rng.random() < again and found[-1][0] < 2024:
            found.append((self.rng.randint(found[-1][0] + 1, 2025), value()))
        return found

    def _email(self, person: Person) -> str:
        rng = self.rng
        if person.foreign:
            first, last = person.given.split(":")[0].lower(), person.surname.lower().replace("'", "")
        else:
            first, last = "".join(lazy_pinyin(person.given)), "".join(lazy_pinyin(person.surname))
        number = rng.choice(("", str(person.born), str(person.born % 100), str(rng.randrange(1000))))
        local = rng.choice(
            (f"{last}{first}{number}", f"{first}.{last}{number}", f"{first[0]}{last}{number}",
             str(rng.randrange(10**8, 3 * 10**9)), f"{rng.choice(_ENGLISH).lower()}{last}{number}")
        )  # fmt: skip
        return f"{local}@{_zipf(rng, _MAIL)}"

    def _career(self, start: int) -> list[tuple[Employer, str, date, date | None]]:
        rng, jobs = self.rng, []
        title = rng.choice(_TITLES)
        at = date(start, rng.choice((3, 6, 7, 7, 8, 9)), 1)
        while at < _TODAY:
            months = rng.randint(8, 72)
            total = at.year * 12 + at.month - 1 + months
            end = date(total // 12, total % 12 + 1, 1)
            jobs.append((_zipf(rng, self.employers), title, at, end if end < _TODAY else None))
            at = end
            if rng.random() < 0.25:
                title = rng.choice(_TITLES)
        return jobs

    def _child(self, parent: Person) -> Person:
        child = self._person()
        parent.born = min(parent.born, 1974)
        parent.graduated = parent.born + 22
        parent.jobs = self._career(parent.graduated)
        child.surname, child.foreign = parent.surname, parent.foreign
        if not child.foreign:
            child.given = self._given() if self.rng.random() < 0.6 else parent.given[0] + self.rng.choice(GIVEN[1])
        else:
            child.given = parent.given if self.rng.random() < 0.3 else self.rng.choice(_FIRST)
        child.born = parent.born + self.rng.randint(23, 27)
        child.graduated = child.born + 22
        child.jobs = self._career(min(child.graduated, 2025))
        return self._shares(child, parent, 0.25)

    def _twin(self, other: Person) -> Person:
        twin = self._person()
        twin.surname, twin.foreign, twin.born = other.surname, other.foreign, other.born
        if not twin.foreign:
            twin.given = other.given[0] + self.rng.choice(GIVEN[1])
            if twin.given == other.given:
                twin.given = other.given[0] + ("杰" if other.given[-1] != "杰" else "文")
        else:
            twin.given = self.rng.choice([n for n in _FIRST if n != other.given])
        if self.rng.random() < 0.5:
            twin.school, twin.graduated = other.school, other.graduated
        twin.jobs = self._career(twin.graduated)
        return self._shares(twin, other, 0.1)

    def _partner(self, other: Person) -> Person:
        return self._shares(self._person(), other, 0.2)

    def _shares(self, person: Person, other: Person, address: float) -> Person:
        """Give `person` the family's phone as the first one, and emails made for the final name."""
        person.emails = self._over_time(person.graduated, lambda: self._email(person), 0.5)
        person.phones[0] = (person.graduated, other.phones[-1][1])
        if self.rng.random() < address:
            person.emails[0] = (person.graduated, other.emails[-1][1])
        person.city = other.city
        return person

    def _namesake(self, other: Person) -> Person:
        person = self._person()
        person.surname, person.given, person.foreign, person.city = (
            other.surname,
            other.given,
            other.foreign,
            other.city,
        )
        person.emails = self._over_time(person.graduated, lambda: self._email(person), 0.5)
        if self.rng.random() < 0.5:
            person.school = other.school
        if person.jobs and other.jobs:
            at = self.rng.randrange(len(person.jobs))
            person.jobs[at] = (self.rng.choice(other.jobs)[0], *person.jobs[at][1:])
        return person

    # Records

    def _record(self, person: Person) -> Fields:
        rng = self.rng
        year = rng.randint(min(max(person.graduated, 2016), 2026), 2026)
        taken = date(year, rng.randint(1, 12), 1)
        jobs = [job for job in person.jobs if job[2] <= taken]
        fields: Fields = {"name": self._name(person)}
        phones = self._known(person.phones, year)
        emails = self._known(person.emails, year)
        agency = rng.random() < AGENCY
        if agency:
            phone, email = rng.choice(self.agencies)
            phones = [phone] if rng.random() < 0.8 else [*phones, phone]
            emails = [email] if rng.random() < 0.6 else emails
            if rng.random() < MASKED and not person.foreign:
                fields["name"] = person.surname + rng.choice(("先生", "女士", "**", "某某"))
        elif rng.random() < SWITCHBOARD and jobs:
            phones = [jobs[-1][0].switchboard]
        if rng.random() >= NO_PHONE:
            fields["phones"] = [self._phone(p) for p in phones]
        if rng.random() >= NO_EMAIL:
            fields["emails"] = [self._address(e) for e in emails]
        if rng.random() >= NO_EMPLOYMENT and jobs:
            fields["employments"] = [self._employment(j, taken) for j in reversed(jobs[-rng.choice((2, 3, 9)) :])]
            fields["title"] = jobs[-1][1]
        if rng.random() >= NO_EDUCATION:
            fields["education"] = self._education(person, taken)
        if rng.random() < 0.6:
            fields["locations"] = [person.city if rng.random() < 0.85 else rng.choice(_CITIES)]
        if rng.random() < 0.5:
            fields["years_experience"] = max(0, year - person.graduated + rng.choice((-1, 0, 0, 0, 1)))
        return fields

    def _known(self, values: list[tuple[int, str]], year: int) -> list[str]:
        """Usually the current one, sometimes an older one that was never updated, sometimes both."""
        past = [value for since, value in values if since <= year] or [values[0][1]]
        chance = self.rng.random()
        if chance < 0.75 or len(past) == 1:
            return past[-1:]
        return past[-2:] if chance < 0.9 else past[-2:-1]

    def _name(self, person: Person) -> str:
        rng = self.rng
        if person.foreign:
            first, _, nickname = person.given.partition(":")
            chance = rng.random()
            if chance < 0.2 and nickname:
                first = nickname
            if chance > 0.94:
                return f"{person.surname}, {first}"
            if chance > 0.88:
                first += f" {rng.choice('ABCDEJKLMRST')}."
            return self._mistyped(f"{first} {person.surname}", NAME_TYPO)
        surname, given = person.surname, person.given
        if rng.random() < NAME_TYPO:
            given = self._miswritten(given)
        last, syllables = "".join(lazy_pinyin(surname)).title(), lazy_pinyin(given)
        if surname in ("单", "解", "曾", "覃"):
            last = {"单": "Shan", "解": "Xie", "曾": "Zeng", "覃": "Qin"}[surname]
        first = "".join(syllables).title()
        form = rng.choices(range(10), (70, 3, 6, 4, 2, 1, 3, 6, 3, 2))[0]
        if (form == 9 and not person.english) or (form in (7, 8) and not person.english):
            form = 0
        tone = "".join(lazy_pinyin(given, style=Style.TONE)).title()
        forms = (
            surname + given,
            _TO_TRADITIONAL.convert(surname + given),
            f"{first} {last}",
            f"{last} {first}",
            f"{last} {'-'.join(s.title() for s in syllables)}",
            f"{''.join(lazy_pinyin(surname, style=Style.TONE)).title()} {tone}",
            f"{last.upper()} {' '.join(s.title() for s in syllables)}",
            f"{person.english} {last}",
            f"{surname}{given} {person.english}",
            f"{person.english} {first} {last}",
        )
        return self._mistyped(forms[form], NAME_TYPO) if form in (2, 3, 4, 6) else forms[form]

    def _miswritten(self, given: str) -> str:
        """Input methods offer homophones; otherwise another character."""
        for pair in _HOMOPHONES:
            for wrong, right in ((pair[0], pair[1]), (pair[1], pair[0])):
                if right in given and self.rng.random() < 0.9:
                    return given.replace(right, wrong)
        return given[:-1] + self.rng.choice(GIVEN[1])

    def _mistyped(self, text: str, chance: float) -> str:
        """One letter swapped, dropped, doubled or replaced."""
        rng = self.rng
        if rng.random() >= chance or len(text) < 4:
            return text
        at = rng.randrange(1, len(text) - 1)
        kind = rng.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if kind == 1:
            return text[:at] + text[at + 1 :]
        if kind == 2:
            return text[:at] + text[at] + text[at:]
        letter = rng.choice("0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz")
        return text[:at] + letter + text[at + 1 :]

    def _phone(self, number: str) -> str:
        digits = number[3:]
        if self.rng.random() < PHONE_TYPO:
            at = self.rng.randrange(3, len(digits))
            digits = digits[:at] + self.rng.choice("0123456789") + digits[at + 1 :]
        if len(digits) != 11:
            return self.rng.choice((f"0{digits[:2]}-{digits[2:]}", f"+86 {digits[:2]} {digits[2:]}"))
        spaced = f"{digits[:3]} {digits[3:7]} {digits[7:]}"
        return self.rng.choice(
            (
                digits,
                digits,
                f"+86{digits}",
                f"+86 {spaced}",
                spaced.replace(" ", "-"),
                f"0086{digits}",
                f"(86){digits}",
            )
        )

    def _address(self, email: str) -> str:
        local, _, domain = email.partition("@")
        text = f"{self._mistyped(local, EMAIL_TYPO)}@{domain}"
        chance = self.rng.random()
        return text.title() if chance < 0.04 else text.upper() if chance < 0.06 else text

    def _employment(self, job: tuple[Employer, str, date, date | None], taken: date) -> Fields:
        employer, title, start, end = job
        name = self.rng.choices(employer.names, (50, 30, 8, 12))[0]
        found = {"company": name, "title": title, "start": self._date(start)}
        if end and end <= taken:
            found["end"] = self._date(end)
        return found

    def _date(self, day: date) -> str:
        chance = self.rng.random()
        if chance < DATE_NOISE / 2:
            return f"{day.year}-01-01"
        if chance < DATE_NOISE:
            total = day.year * 12 + day.month - 1 + self.rng.choice((-2, -1, 1, 2))
            return f"{total // 12}-{total % 12 + 1:02}-01"
        return day.isoformat()

    def _education(self, person: Person, taken: date) -> list[Fields]:
        first = {"school": self._school(person.school), "degree": "bachelor"}
        if self.rng.random() < 0.8:
            first["end"] = f"{person.graduated + (self.rng.random() < 0.04)}-06-30"
        if self.rng.random() < 0.5:
            first["start"] = f"{person.graduated - 4}-09-01"
        found = [first]
        if person.master and taken.year >= person.graduated + 3 and self.rng.random() < 0.9:
            second = {"school": self._school(person.master), "degree": "master", "end": f"{person.graduated + 3}-06-30"}
            found = [second] if self.rng.random() < 0.15 else [second, first]
        return found

    def _school(self, school: str) -> str:
        names = school.split("|")
        name = self.rng.choices(names, (75, 12, 13))[0] if len(names) == 3 else school
        return _TO_TRADITIONAL.convert(name) if self.rng.random() < 0.02 else name  # fmt: skip
