"""Japan's form 履歴書, and the account of a career that goes with it, 職務経歴書."""

from datetime import date

from processors.resume.parse import parse_resume
from schemas.resume import Found, ResumeProfile

FORM = """履歴書\t2024年4月1日現在
ふりがな\tやまだ たろう
氏名\t山田 太郎
生年月日\t平成2年5月12日生(満33歳)\t男
現住所\t〒150-0001 東京都渋谷区神宮前1-2-3
E-mail\ttaro.yamada@example.com
年\t月\t学歴・職歴(各別にまとめて書く)
\t\t学歴
2006\t4\t青葉県立中央高等学校 普通科 入学
2009\t3\t青葉県立中央高等学校 普通科 卒業
2009\t4\t明鏡大学 経済学部 入学
2013\t3\t明鏡大学 経済学部 卒業
2013\t4\t明鏡大学大学院 経済学研究科 修士課程 入学
2015\t3\t同大学院 修了
\t\t職歴
2015\t4\t株式会社青葉商事 入社
\t\t営業部に配属
2018\t8\t一身上の都合により退職
\t9\t合同会社みどりシステム 営業職として入社
\t\t現在に至る
\t\t以上
年\t月\t免許・資格
2010\t8\t普通自動車第一種運転免許 取得
2015\t3\t日商簿記検定試験2級 合格
"""
IN_ERAS = """履歴書
氏名：佐藤 花子
学歴
平成21年3月 県立北高等学校 卒業
平成25年3月 東都女子大学文学部英文学科 卒業
職歴
平成25年4月 ひかり銀行株式会社 入行
平成28年10月 本店法人営業部へ異動
平成30年3月 ひかり銀行株式会社 退行
平成30年4月 株式会社そらネット 入社 人事部配属
令和元年5月 株式会社そらネット 一身上の都合により退職
令和2年1月 フリーランスとして開業
現在に至る
"""
CAREER = """職務経歴書
氏名 鈴木 一郎
■職務経歴
株式会社スターシステム（2015年4月～2020年3月）
事業内容：受託開発
役職：プログラマー
業務内容：
・Javaによる基幹システム開発
株式会社ひまわりテクノロジー（2020年4月～現在）
役職：リードエンジニア
■資格
基本情報技術者（2014年11月）
■自己PR
責任感があります。
"""


def read(text: str) -> ResumeProfile:
    return parse_resume(text, today=date(2026, 11, 29))


def said(value: Found[str] | None) -> str | None:
    return value and value.value


def positions(found: ResumeProfile) -> list[tuple[str | None, ...]]:
    return [(said(w.employer), said(w.title), said(w.start), said(w.end)) for w in found.work]


def studies(found: ResumeProfile) -> list[tuple[str | None, ...]]:
    return [(said(s.school), s.level, said(s.field), said(s.start), said(s.end)) for s in found.education]


def test_rows_of_events_become_a_career() -> None:
    found = read(FORM)
    assert found.name
    assert (found.name.value.family, found.name.value.given) == ("山田", "太郎")
    assert found.birth_date
    assert found.birth_date.value == "1990-05-12"
    assert studies(found) == [
        ("青葉県立中央高等学校", "high_school", "普通科", "2006-04", "2009-03"),
        ("明鏡大学", "bachelor", "経済学部", "2009-04", "2013-03"),
        ("明鏡大学大学院", "master", "経済学研究科", "2013-04", "2015-03"),
    ]
    assert positions(found) == [
        ("株式会社青葉商事", None, "2015-04", "2018-08"),
        ("合同会社みどりシステム", "営業職", "2018-09", None),
    ]
    assert [w.current for w in found.work] == [False, True]
    assert [(c.name.value, c.date) for c in found.certificates] == [
        ("普通自動車第一種運転免許", "2010-08"),
        ("日商簿記検定試験2級", "2015-03"),
    ]


def test_years_of_eras_and_ends_without_beginnings() -> None:
    found = read(IN_ERAS)
    assert studies(found) == [
        ("県立北高等学校", "high_school", None, None, "2009-03"),
        ("東都女子大学", "bachelor", "文学部英文学科", None, "2013-03"),
    ]
    assert positions(found) == [
        ("ひかり銀行株式会社", None, "2013-04", "2018-03"),
        ("株式会社そらネット", None, "2018-04", "2019-05"),
        ("フリーランス", None, "2020-01", None),
    ]


def test_an_account_of_a_career() -> None:
    found = read(CAREER)
    assert found.name
    assert found.name.value.full == "鈴木 一郎"
    assert positions(found) == [
        ("株式会社スターシステム", "プログラマー", "2015-04", "2020-03"),
        ("株式会社ひまわりテクノロジー", "リードエンジニア", "2020-04", None),
    ]
    assert [(c.name.value, c.date) for c in found.certificates] == [("基本情報技術者", "2014-11")]


def test_chinese_rows_of_entering_and_leaving_are_none_of_this_form() -> None:
    found = read(
        "李娜\n工作经历\n2013.04-2018.08 苏州晨光商贸有限公司 销售主管\n2018.09 无锡华铸入职\n2020.01 无锡华铸离职"
    )
    assert said(found.work[0].employer) == "苏州晨光商贸有限公司"
