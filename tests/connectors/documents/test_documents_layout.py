"""Reading order and tables as resumes have them: dates at the margin, side columns, narrow cells."""

from connectors.documents.layout import Segment, lay_out
from connectors.documents.model import Box

EM = 10.0


def segment(text, x, y, order=-1, em=EM):
    """A run of text at (x, y); a character is as wide as high if it is Chinese, half as wide otherwise."""
    edges = [x]
    for character in text:
        edges.append(edges[-1] + (em if ord(character) > 0x2E80 else em / 2))
    return Segment(text, Box(x, y, edges[-1], y + em), edges, order)


def texts(blocks):
    return "\n".join("".join(line.text + line.joins for line in lines[:-1]) + lines[-1].text for _, lines in blocks)


def page(*lines, drawn=True):
    """Segments of (x, row, text), drawn in the order in which they are given."""
    return [segment(text, x, row * 15.0, i if drawn else -1) for i, (x, row, text) in enumerate(lines)]


ENTRIES = [
    (40, 0, "Beacon Electronics Ltd."), (440, 0, "Sept 2020 - Present"), (40, 1, "Electrical Engineer, Austin"),
    (50, 2, "Trained crews in lockout procedures"), (50, 3, "Designed boards for five products"),
    (40, 4, "Summit Power Company, Ltd."), (443, 4, "Aug 2016 - Sep 2020"), (40, 5, "Electrician in Toronto, ON"),
    (50, 6, "Trained crews in lockout procedures"), (50, 7, "Commissioned twelve substations."),
    (40, 8, "Technical University of Munich"), (443, 8, "Sep 2012 - Jun 2016"),
]  # fmt: skip


def test_dates_at_the_right_margin_stay_with_their_lines():
    for drawn in (True, False):
        said = texts(lay_out(page(*ENTRIES, drawn=drawn)))
        assert "Beacon Electronics Ltd.\tSept 2020 - Present\nElectrical Engineer" in said
        assert "Technical University of Munich\tSep 2012 - Jun 2016" in said


def test_employers_and_titles_beside_dates_stay_with_them():
    rows = []
    for i, (employer, title) in enumerate(
        [("瑞祥广告有限公司", "视觉设计师"), ("凌云品牌有限公司", "平面设计师"), ("百川广告有限公司", "设计师助理")]
    ):
        rows += [(40, 3 * i, f"202{i}.12 - 202{i}.11"), (300, 3 * i, employer), (460, 3 * i, title)]
        rows += [(50, 3 * i + 1, "制定设计规范并维护组件共十一个"), (50, 3 * i + 2, "负责改版，满意度提升一半以上")]
    said = texts(lay_out(page(*rows)))
    assert "2020.12 - 2020.11\t瑞祥广告有限公司\t视觉设计师" in said
    assert "2022.12 - 2022.11\t百川广告有限公司\t设计师助理" in said


SIDE = [(400, i, text) for i, text in enumerate(["Contact", "London", "Skills", "Go", "SQL"])]
MAIN = [(40, i, f"Line {i} of the main column" + " and" * i) for i in range(10)]


def test_a_main_column_drawn_after_the_side_column_is_not_cut_where_that_ends():
    said = texts(lay_out(page(*SIDE, *MAIN))).splitlines()
    at = said.index("Line 0 of the main column")
    assert said[at : at + 10] == [text for _, _, text in MAIN]


def test_what_is_drawn_below_both_columns_is_read_after_them():
    left = [(40, i, f"left column line {i}") for i in range(5)]
    right = [(400, i, f"right column line {i}") for i in range(5)]
    assert texts(lay_out(page(*left, *right, (40, 6, "below both")))).splitlines()[-1] == "below both"


def test_a_name_over_the_second_column_stands_above_both():
    for drawn in (True, False):
        side = [(40, 3 + i, text) for i, text in enumerate(["Contact", "London", "Skills", "Go", "SQL"])]
        main = [(240, 3.5 + i, f"line {i} of the main column") for i in range(6)]
        rest = page(*side, *main, drawn=drawn)
        name = segment("Thomas Miller", 260, 0, -1, em=20.0)
        if drawn:
            name = segment("Thomas Miller", 260, 0, -0.5, em=10.0)
            rest = [Segment(s.text, s.box, s.edges, s.order + 1) for s in rest]
            name = Segment(name.text, name.box, name.edges, 0)
        assert texts(lay_out([name, *rest])).splitlines()[0] == "Thomas Miller"


def rules(xs, ys):
    across = [Box(xs[0], y, xs[-1], y + 0.5) for y in ys]
    return across + [Box(x, ys[0], x + 0.5, ys[-1]) for x in xs]


def test_a_run_of_text_ends_at_the_rule_between_two_cells():
    one_run = segment("2024年07月至今佛山天启文化公司", 44, 25, 3)
    border = one_run.edges[10] - 1  # between 今 and 佛
    segments = [segment("起止时间", 44, 5, 0), segment("工作单位", border + 5, 5, 1), one_run]
    said = texts(lay_out(segments, rules([40, border, 320], [0, 20, 40])))
    assert said == "起止时间\t工作单位\n2024年07月至今\t佛山天启文化公司"


def test_a_cell_joins_what_its_margin_has_broken():
    segments = [
        segment("网址", 44, 12, 0),
        segment("www.example.com/in/wangme", 104, 5, 1),
        segment("ling", 104, 17, 2),
        segment("时间", 44, 42, 3),
        segment("始于2024年07月至2026年06", 104, 35, 4),
        segment("月", 104, 47, 5),
        segment("职责", 44, 72, 6),
        segment("First sentence.", 104, 65, 7),
        segment("Second one", 104, 77, 8),
    ]
    said = texts(lay_out(segments, rules([40, 100, 234], [0, 30, 60, 90])))
    assert (
        said
        == "网址\twww.example.com/in/wangmeling\n时间\t始于2024年07月至2026年06月\n职责\nFirst sentence.\nSecond one"
    )


def test_lines_of_a_centred_cell_stay_lines():
    segments = [segment("时间", 44, 12, 0), segment("2019.03", 134, 5, 1), segment("至今", 140, 17, 2)]
    said = texts(lay_out(segments, rules([40, 100, 200], [0, 30, 60])))
    assert said == "时间\n2019.03\n至今"


def test_an_address_that_a_narrow_column_broke_is_joined():
    lines = ["电子邮箱：zhengchao_7550@mail.example.c", "om", "主页：https://www.example.com/in/zhengch", "ao", "西安"]
    side = [segment(text, 40, 15.0 * i, i) for i, text in enumerate(lines)]
    assert texts(lay_out(side)).splitlines() == [
        "电子邮箱：zhengchao_7550@mail.example.com",
        "主页：https://www.example.com/in/zhengchao",
        "西安",
    ]


def test_what_follows_a_whole_address_is_not_joined_to_it():
    lines = ["someone.with.a.name@example.com", "boston", "https://www.example.com/in/somebody12", "Boston"]
    said = texts(lay_out([segment(text, 40, 15.0 * i, i) for i, text in enumerate(lines)])).splitlines()
    assert said == lines


def test_dates_beside_a_side_column_stay_in_the_main_column():
    side = [
        (460, i, text) for i, text in enumerate(["Contact", "London", "a@example.com", "Skills", "Go", "SQL", "Awards"])
    ]
    main = []
    for i in range(4):
        main += [(40, 3 * i, f"Employer number {i}"), (330, 3 * i, f"Sept 201{i} - Aug 2020")]
        main += [(40, 3 * i + 1, "Engineer of many things"), (50, 3 * i + 2, "built what was needed and more")]
    said = texts(lay_out(page(*side, *main)))
    assert all(f"Employer number {i}\tSept 201{i} - Aug 2020\nEngineer" in said for i in range(4))


def test_digits_that_stay_together_are_joined_to_their_line():
    cell = [segment("时间", 44, 12, 0), segment("始于2023年07月至2025年", 104, 5, 1), segment("10月", 104, 17, 2)]
    assert texts(lay_out(cell, rules([40, 100, 230], [0, 30, 60]))) == "时间\t始于2023年07月至2025年10月"
