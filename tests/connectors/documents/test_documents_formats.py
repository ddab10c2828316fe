import io
import json

import documents_samples as samples
import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein
from reportlab.pdfgen.canvas import Canvas

from connectors.documents.characters import clean
from connectors.documents.decode import decode
from connectors.documents.detect import sniff
from connectors.documents.errors import ADVICE, CODES, DocumentError
from connectors.documents.flat import read_text
from connectors.documents.formats import read
from connectors.documents.model import Limits
from connectors.documents.ocr import NeedsOcr, Recognizer

LIMITS = Limits()


@pytest.fixture(scope="module")
def recognizer():
    found = Recognizer()
    found.start()
    return found


def read_plain(data, limits=LIMITS):
    return read(data, limits, None)


def failure(data, limits=LIMITS):
    with pytest.raises(DocumentError) as caught:
        read_plain(data, limits)
    assert ADVICE[caught.value.code] in str(caught.value)
    return caught.value.code


def kinds(document):
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


# PDF


def test_a_sidebar_is_read_before_the_main_column_however_the_file_draws_them():
    expected = "\n".join([*samples.LEFT, *samples.RIGHT])
    for data in (samples.two_columns(), samples.two_columns(interleaved=True), samples.two_columns(leading=(20, 20))):
        assert read_plain(data).text == expected


def test_a_ruled_table_is_read_row_by_row_with_tabs():
    document = read_plain(samples.ruled_table())

    assert kinds(document) == [("table", "\t".join(row)) for row in samples.TABLE]


def test_labels_and_values_without_rules_stay_together():
    def draw(canvas, _):
        for i, row in enumerate(samples.TABLE):
            for j, cell in enumerate(row):
                canvas.drawString(60 + 110 * j, 700 - 20 * i, cell)

    assert read_plain(samples.pdf(draw)).text == "\n".join("\t".join(row) for row in samples.TABLE)


def test_a_position_keeps_its_dates_and_wrapped_lines_are_one_paragraph():
    lines = [
        ("北京某某科技有限公司 高级工程师", "2019.03 - 2021.06"),
        ("负责招聘平台的流式数据处理系统的设计与实现以及候选人检索服务的性能优化工作并且带领", ""),
        ("团队把简历解析的延迟从三秒降低到三百毫秒。", ""),
        ("上海某某网络有限公司 工程师", "2016.07 - 2019.02"),
        ("维护人才库的去重与合并服务，编写自动化测试与监控告警，同时参与部署流程的建设工作和", ""),
        ("值班。", ""),
    ]

    def draw(canvas, _):
        for i, (text, date) in enumerate(lines):
            canvas.drawString(60, 760 - 18 * i, text)
            canvas.drawRightString(60 + 11 * len(lines[1][0]), 760 - 18 * i, date)

    assert read_plain(samples.pdf(draw)).text.split("\n") == [
        "北京某某科技有限公司 高级工程师\t2019.03 - 2021.06",
        lines[1][0] + lines[2][0],
        "上海某某网络有限公司 工程师\t2016.07 - 2019.02",
        lines[4][0] + lines[5][0],
    ]


def test_a_span_of_text_is_found_on_its_page():
    def draw(canvas, number):
        canvas.drawString(100, 700 - 50 * number, f"page {number} San")

    document = read_plain(samples.pdf(draw, 2))
    start = document.text.index("San", document.text.index("page 1"))

    [place] = document.locate(start, start + 3)

    assert place.page == 2
    assert 125 < place.box.left < 135
    assert place.box.left < place.box.right < place.box.left + 30
    assert place.box.top < 842 - 650 < place.box.bottom + 2
    assert list(document.locate(0, 0)) == []


def test_a_turned_page_is_read_as_it_is_shown():
    def draw(canvas, _):
        canvas.setPageRotation(90)
        canvas.saveState()
        canvas.translate(300, 100)
        canvas.rotate(90)
        canvas.drawString(0, 0, "Zhang San")
        canvas.drawString(0, -20, "Engineer")
        canvas.restoreState()

    document = read_plain(samples.pdf(draw))

    assert document.text == "Zhang San\nEngineer"
    assert document.blocks[0].box.left == pytest.approx(100, abs=3)
    assert document.blocks[0].box.right > document.blocks[0].box.left + 40


def test_links_of_a_pdf_are_attached_to_their_text():
    def draw(canvas, _):
        canvas.drawString(100, 700, "see GitHub now")
        canvas.linkURL("https://github.com/san", (118, 698, 148, 712))

    document = read_plain(samples.pdf(draw))

    [link] = document.links
    assert (document.text[link.start : link.end].strip(), link.url) == ("GitHub", "https://github.com/san")


def test_a_font_that_is_nowhere_is_said():
    document = read_plain(samples.pdf(lambda canvas, _: canvas.drawString(100, 700, "张三")))

    assert document.text == "张三"
    assert all("font" in warning for warning in document.warnings)


@pytest.mark.parametrize("compact", [False, True])
def test_a_table_of_frames_or_of_one_path_is_read_cell_by_cell(compact):
    def draw(canvas, _):
        path = canvas.beginPath()
        for row in range(2):
            for column in range(2):
                if compact:
                    path.rect(50 + 150 * column, 600 - 60 * row, 150, 60)
                else:
                    canvas.rect(50 + 150 * column, 600 - 60 * row, 150, 60)
                for i in range(2):
                    canvas.drawString(60 + 150 * column, 640 - 60 * row - 20 * i, f"cell {row}{column} line {i}")
        canvas.drawPath(path)

    expected = [f"cell {row}{column} line {i}" for row in range(2) for column in range(2) for i in range(2)]
    assert read_plain(samples.pdf(draw)).text.split("\n") == expected


# Office


def test_docx_has_headers_text_boxes_lists_tables_and_footers_in_order():
    document = read_plain(samples.resume_docx())

    assert kinds(document) == [
        ("header", "张三 的简历"),
        ("box", "文本框: 求职意向"),
        ("heading", "工作经历"),
        ("text", "北京某某科技有限公司\t高级工程师\t2019.03 - 至今"),
        ("list", "• 负责流式数据处理"),
        *[("table", "\t".join(row)) for row in samples.TABLE],
        ("footer", "第一页"),
    ]
    assert document.pages == ()


def docx_of(body, **parts):
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return samples.archive(
        {
            "[Content_Types].xml": f'<Types xmlns="x"><Override PartName="/word/document.xml" ContentType="{types}"/></Types>',
            "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
            ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f"<w:body>{body}</w:body></w:document>",
            **parts,
        }
    )


def test_docx_leaves_out_what_was_deleted_and_keeps_links_and_content_controls():
    rels = (
        '<Relationships xmlns="x"><Relationship Id="r1" TargetMode="External" Type="a/hyperlink" '
        'Target="https://example.com"/></Relationships>'
    )
    body = (
        "<w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>"
        '<w:sdt><w:sdtContent><w:p><w:hyperlink r:id="r1"><w:r><w:t>主页</w:t></w:r></w:hyperlink></w:p></w:sdtContent></w:sdt>'
        "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    document = read_plain(docx_of(body, **{"word/_rels/document.xml.rels": rels}))

    assert document.text == "新\n主页\na\nb\nc"
    assert [(document.text[x.start : x.end], x.url) for x in document.links] == [("主页", "https://example.com")]


def test_macros_are_named_and_not_run():
    document = read_plain(docx_of("<w:p><w:r><w:t>x</w:t></w:r></w:p>", **{"word/vbaProject.bin": "x"}))

    assert document.warnings == ("the document holds macros; they were not run",)


def test_odt_has_everything_in_order():
    document = read_plain(samples.RESUME_ODT)

    assert document.text.split("\n") == [
        *("页眉", "工作经历", "张三\t工程师", "北京", "• Kafka  流处理", "学历\t硕士", "主页", "文本框", "页脚"),
    ]
    assert [x.url for x in document.links] == ["https://example.com/san"]


def test_word_97_text_is_joined_from_its_pieces():
    document = read_plain(samples.RESUME_DOC)

    assert document.text.split("\n") == ["张三", "工程师", "北京", "学历\t硕士", "主页", "resume"]


def test_rtf_is_read_in_its_code_page():
    assert read_plain(samples.RESUME_RTF).text == "张三\n工程师 Kafka\nA\tB"


# Text


def test_html_loses_scripts_and_what_is_hidden():
    document = read_plain(samples.RESUME_HTML)

    assert document.encoding == "gb18030"
    assert kinds(document) == [
        ("heading", "张三"),
        ("text", "求职意向：后端工程师\n北京 主页"),
        ("list", "• Kafka 流处理"),
        ("table", "学历\t硕士"),
    ]
    assert [(document.text[x.start : x.end], x.url) for x in document.links] == [("主页", "https://example.com/san")]


def test_a_saved_page_called_doc_is_read_as_what_it_is():
    page = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "<html><meta charset=utf-8><p>张三</p></html>".encode()
        + b"\r\n--b--\r\n"
    )
    assert read_plain(page).text == "张三"
    assert failure(page.replace(b"text/html", b"image/gif")) == "no_text"


def test_markdown_loses_its_marks():
    document = read_plain(samples.RESUME_MD.encode())

    assert document.format == "markdown"
    assert document.text.split("\n") == [
        "张三",
        "后端工程师，北京",
        "• Kafka",
        "• Python",
        "学历\t学校",
        "硕士\t北京大学",
    ]


def test_json_resume_stays_json():
    document = read_plain(samples.RESUME_JSON.encode("utf-16"))

    assert document.format == "json-resume"
    assert json.loads(document.text)["basics"]["name"] == "张三"
    assert read_plain(b'{"a": [1]}').format == "json"
    assert read_plain(b"[not json").format == "text"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "张三，高级后端工程师"),
        ("utf-8-sig", "张三，高级后端工程师"),
        ("gb18030", "张三，2019年毕业于北京邮电大学"),
        ("big5hkscs", "張三，2019年畢業於國立臺灣大學"),
        ("utf-16", "张三 2019"),
        ("utf-16-le", "张三，高级后端工程师，2019 年毕业"),
        ("utf-16-be", "张三，高级后端工程师，2019 年毕业"),
        ("utf-32", "张三 2019"),
        ("cp1252", "Zoë née Löwe – résumé, Köln"),
        ("cp1251", "Привет, я разработчик из Москвы, опыт пять лет"),
        ("ascii", "Zhang San, engineer"),
    ],
)
def test_text_is_read_in_any_encoding(encoding, text):
    document = read_plain(text.encode(encoding))

    assert document.text == text
    assert document.format == "text"


def test_a_declared_encoding_that_does_not_fit_is_not_believed():
    assert decode("<meta charset=utf-8>张三的简历".encode("gb18030"), declared=True)[0].endswith("张三的简历")
    assert decode("<meta charset=no-such>张三的简历".encode("gb18030"), declared=True)[0].endswith("张三的简历")


def test_characters_that_fonts_substitute_are_put_back():
    assert clean("⼯作⻓ ﬁne\u00a0x\u200b\r\ny\ud800") == "工作长 fine x\ny"


# Pictures


def test_a_picture_needs_ocr():
    with pytest.raises(NeedsOcr):
        read_plain(samples.picture(samples.two_columns()))


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_scan_is_read_whichever_way_up_it_is(recognizer, turn):
    image = samples.words_picture().rotate(turn, expand=True)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP")

    document = read(buffer.getvalue(), LIMITS, recognizer)

    assert document.text.replace(" ", "") == "ZhangSanEngineer"
    assert document.ocr
    assert document.pages[0].width > document.pages[0].height
    [place] = document.locate(0, len(document.text))
    assert 20 < place.box.left < 40
    assert 50 < place.box.top < place.box.bottom < 120


def test_a_scanned_page_of_a_pdf_has_boxes_in_points(recognizer):
    buffer = io.BytesIO()
    samples.words_picture().save(buffer, "PDF", resolution=144)

    with pytest.raises(NeedsOcr):
        read_plain(buffer.getvalue())
    document = read(buffer.getvalue(), LIMITS, recognizer)

    assert document.text.replace(" ", "") == "ZhangSanEngineer"
    assert document.pages[0].ocr
    assert document.blocks[0].box.left == pytest.approx(15, abs=4)
    assert document.blocks[0].box.right < document.pages[0].width


@pytest.mark.slow
def test_a_dense_chinese_scan_is_read_nearly_without_error(recognizer):
    buffer = io.BytesIO()
    samples.scanned_page().rotate(1.5, fillcolor=245).save(buffer, "JPEG", quality=50)

    document = read(buffer.getvalue(), LIMITS, recognizer)

    truth, seen = ("".join(text.split()) for text in ("".join(samples.SCANNED), document.text))
    assert Levenshtein.normalized_distance(truth, seen) < 0.02


def test_scans_beyond_the_limit_are_left_out_with_a_warning(recognizer):
    buffer = io.BytesIO()
    page = samples.words_picture()
    page.save(buffer, "PDF", save_all=True, append_images=[page])

    document = read(buffer.getvalue(), Limits(scanned_pages=1), recognizer)

    assert len(document.pages) == 1
    assert document.warnings == ("page 2 is a scan beyond the first 1 and was left out",)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_every_kind_of_picture_is_opened(recognizer, format):
    buffer = io.BytesIO()
    samples.words_picture().save(buffer, format)

    assert read(buffer.getvalue(), LIMITS, recognizer).format == format.lower()


def test_transparent_is_paper_and_large_is_reduced(recognizer):
    image = samples.words_picture(size=(3000, 400)).convert("RGBA")
    image.putdata([(0, 0, 0, 0) if pixel[0] > 128 else pixel for pixel in image.get_flattened_data()])
    buffer = io.BytesIO()
    image.save(buffer, "PNG")

    document = read(buffer.getvalue(), LIMITS, recognizer)

    assert document.text.replace(" ", "") == "ZhangSanEngineer"
    assert document.pages[0].width == 3000


def test_pictures_without_text_broken_or_too_large_are_errors(recognizer):
    buffer = io.BytesIO()
    Image.new("RGB", (10, 4000), "white").save(buffer, "PNG")
    for data, limits, code in (
        (buffer.getvalue(), LIMITS, "no_text"),
        (buffer.getvalue()[:60], LIMITS, "damaged"),
        (buffer.getvalue(), Limits(pixels=100), "too_big"),
    ):
        with pytest.raises(DocumentError) as caught:
            read(data, limits, recognizer)
        assert caught.value.code == code


def test_heif_is_opened(recognizer):
    header = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    with pytest.raises(DocumentError) as caught:
        read(header, LIMITS, recognizer)
    assert caught.value.code == "damaged"


# Hostile


def test_every_code_has_advice():
    assert set(ADVICE) == set(CODES)
    assert DocumentError("busy").transient
    assert not DocumentError("damaged").transient


def word(body):
    return docx_of(f"<w:p><w:r><w:t>{body}</w:t></w:r></w:p>")


def open_document(content, manifest=None):
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}
    return samples.archive(parts | ({"META-INF/manifest.xml": manifest} if manifest else {}))


def encrypted_pdf():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt="secret")
    canvas.drawString(10, 10, "x")
    canvas.save()
    return buffer.getvalue()


def hostile():
    pdf = samples.two_columns()
    bomb = samples.archive({"[Content_Types].xml": "wordprocessingml", "word/document.xml": b" " * 5_000_000})
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    manifest = '<m xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:encryption-data/></m>'
    return [
        (b"", "empty"),
        (b"\0" * 100, "empty"),
        (pdf[: len(pdf) // 2], "damaged"),
        (samples.pdf(lambda canvas, n: canvas.drawString(9, 9, str(n)), 51), "too_many_pages"),
        (samples.pdf(lambda canvas, n: None), "no_text"),
        (encrypted_pdf(), "encrypted"),
        (pdf + samples.archive({"a": "b"}), "ambiguous"),
        (b"\xff\xd8\xff\xe0" + bytes(8) + pdf, "ambiguous"),
        (samples.resume_docx()[:2000], "damaged"),
        (bomb, "bomb"),
        (samples.archive({f"{i}": "" for i in range(5001)}), "bomb"),
        (docx_of(""), "no_text"),
        (samples.archive({"[Content_Types].xml": "wordprocessingml", "word/document.xml": entities}), "bomb"),
        (samples.archive({"[Content_Types].xml": "wordprocessingml", "word/document.xml": "<w"}), "damaged"),
        (samples.archive({"[Content_Types].xml": "wordprocessingml"}), "damaged"),
        (samples.archive({"x": "y"}), "unsupported"),
        (open_document("<x/>"), "damaged"),
        (open_document("<x/>", manifest), "encrypted"),
        (samples.word97("x\r", flags=0x0300), "encrypted"),
        (samples.ole({"EncryptedPackage": b"x"}), "encrypted"),
        (samples.ole({"Workbook": b"x"}), "unsupported"),
        (samples.ole({"WordDocument": b"\xdc\xa5"}), "unsupported"),
        (samples.ole({"WordDocument": b"xx"}), "damaged"),
        (samples.RESUME_DOC[:3000], "damaged"),
        (b"<html>" + b"<div>" * 100_000 + b"x", "bomb"),
        (b"<html></html>", "no_text"),
        (b"MZ\x90\x00" + bytes(range(256)), "unsupported"),
        (bytes(range(1, 256)) * 4, "unsupported"),
        (b"GIF89a....", "unsupported"),
        (("字" * 500_001).encode(), "too_big"),
    ]  # fmt: skip


@pytest.mark.parametrize(("data", "code"), hostile())
def test_a_hostile_file_is_a_clear_error(data, code):
    assert failure(data, Limits(unpacked_bytes=1_000_000) if code == "bomb" else LIMITS) == code


def test_a_directory_that_lies_about_sizes_is_found_out():
    data = bytearray(word("x" * 200_000))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")

    assert failure(bytes(data), Limits(unpacked_bytes=10_000)) in ("bomb", "damaged")


def test_markdown_keeps_its_lines_and_reads_the_html_inside() -> None:
    text = "# 八爪猫\n\n## 教育经历\n\n<div>\n<h3>八爪科技大学 - 本科</h3>\n<p>2008.02 - 2024.06</p>\n</div>\n\n工程师 | 杭州\na@example.com\n"
    assert sniff(text.encode()) == "text"
    document = read_text(text.encode(), Limits())
    assert document.format == "markdown"
    assert [line for line in document.text.split("\n") if line] == [
        "八爪猫", "教育经历", "八爪科技大学 - 本科", "2008.02 - 2024.06", "工程师 | 杭州", "a@example.com",
    ]  # fmt: skip
