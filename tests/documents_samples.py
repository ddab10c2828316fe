"""Small real files of every format, made here."""

import importlib.resources
import io
import struct
import zipfile

import docx
import pypdfium2 as pdfium
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

LEFT = [
    "张三",
    "电话: 13800138000",
    "邮箱: san@example.com",
    "技能",
    "Python",
    "Kafka",
    "MongoDB",
    "语言",
    "英语 流利",
    "日语 初级",
]
RIGHT = [
    "工作经历",
    "北京某某科技有限公司 高级工程师",
    "负责招聘平台的流式数据处理与检索系统的设计",
    "带领六人团队完成从批处理到流处理的迁移",
    "上海某某网络有限公司 工程师",
    "维护人才库的去重与合并服务",
    "教育经历",
    "北京邮电大学 计算机科学与技术 本科",
    "主修操作系统、数据库、编译原理与计算机网络",
]
TABLE = [
    ["姓名", "张三", "籍贯", "山东"],
    ["电话", "13800138000", "城市", "北京"],
    ["学历", "硕士", "学校", "北京大学"],
]


def pdf(draw, pages=1):
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1)
    for number in range(pages):
        canvas.setFont("STSong-Light", 11)
        draw(canvas, number)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def two_columns(interleaved=False, leading=(17, 21)):
    """A sidebar and a main column, drawn one after the other, or sorted from top to bottom."""

    def draw(canvas, _):
        lines = [(60, 760 - leading[0] * i, t) for i, t in enumerate(LEFT)]
        lines += [(230, 760 - leading[1] * i, t) for i, t in enumerate(RIGHT)]
        for x, y, text in sorted(lines, key=lambda line: -line[1]) if interleaved else lines:
            canvas.drawString(x, y, text)

    return pdf(draw)


def ruled_table():
    buffer = io.BytesIO()
    table = Table(TABLE, colWidths=[30 * mm] * 4)
    table.setStyle([("FONT", (0, 0), (-1, -1), "STSong-Light"), ("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    SimpleDocTemplate(buffer, pagesize=A4).build([table])
    return buffer.getvalue()


def resume_pdf(pages=3):
    """A digital resume of full pages: Chinese and English, with headings, dates on the right and wrapped paragraphs."""
    buffer = io.BytesIO()
    style = ParagraphStyle("body", fontName="STSong-Light", fontSize=10.5, leading=16, wordWrap="CJK")
    title = ParagraphStyle("title", parent=style, fontSize=18, leading=26)
    sentence = "负责招聘平台的流式数据处理，使用 Python 与 Kafka 把简历解析的延迟从三秒降低到三百毫秒，并编写监控与自动化测试。"
    story = [Paragraph("张三 Zhang San", title), Paragraph("电话: 13800138000 邮箱: san@example.com", style)]
    for i in range(pages * 9):
        story.append(Paragraph(f"北京某某科技有限公司 高级后端工程师 20{i % 20:02}.03 - 20{i % 20 + 1:02}.06", style))
        story.append(Paragraph(sentence * 2, style))
    SimpleDocTemplate(buffer, pagesize=A4).build(story)
    return buffer.getvalue()


TEXT_BOX = f"""<w:p {nsdecls("w", "wp")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><w:r><mc:AlternateContent>
 <mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:positionH relativeFrom="column"><wp:posOffset>{{left}}</wp:posOffset></wp:positionH>
 <wp:positionV relativeFrom="paragraph"><wp:posOffset>{{top}}</wp:posOffset></wp:positionV><wp:extent cx="1000000" cy="300000"/>
 <wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>{{text}}</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp>
 </wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>{{text}}</w:t></w:r></w:p>
 </w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""


def resume_docx(repeat=1):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "张三 的简历"
    document.sections[0].footer.paragraphs[0].text = "第一页"
    document.add_heading("工作经历", 1)
    for _ in range(repeat):
        document.add_paragraph("北京某某科技有限公司\t高级工程师\t2019.03 - 至今")
        document.add_paragraph("负责流式数据处理", style="List Bullet")
    table = document.add_table(rows=0, cols=4)
    for row in TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.element.body.insert(0, parse_xml(TEXT_BOX.format(left=0, top=0, text="文本框: 求职意向")))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def archive(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def odt(body, **parts):
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{u}:1.0"'
        for n, u in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("style", "style"),
        )
    )
    content = f'<office:document-content {names} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>{body}</office:text></office:body></office:document-content>'
    return archive(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}
        | {name.replace("_", "."): value.replace("NAMES", names) for name, value in parts.items()}
    )


RESUME_ODT = odt(
    "<text:h>工作经历</text:h><text:p>张三<text:tab/>工程师<text:line-break/>北京</text:p>"
    "<text:list><text:list-item><text:p>Kafka<text:s text:c='2'/>流处理</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>学历</text:p></table:table-cell>"
    "<table:table-cell><text:p>硕士</text:p></table:table-cell></table:table-row></table:table>"
    "<text:p><draw:frame><draw:text-box><text:p>文本框</text:p></draw:text-box></draw:frame>"
    "<text:a xlink:href='https://example.com/san'>主页</text:a></text:p>",
    styles_xml="<office:document-styles NAMES><style:header><text:p>页眉</text:p></style:header><style:footer><text:p>页脚</text:p></style:footer></office:document-styles>",
)
RESUME_RTF = (
    b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 SimSun;}}\\f0 "
    + "".join(f"\\'{b:02x}" for b in "张三".encode("gbk")).encode()
    + b"\\par \\u24037?\\u31243?\\u24072? Kafka\\par\\trowd\\cellx100\\cellx200 A\\cell B\\cell\\row}"
)
RESUME_HTML = """<!DOCTYPE html><html><head><meta charset="gb2312"><title>x</title><style>p{color:red}</style></head><body>
<script>alert(1)</script><h1>张三</h1><p>求职意向：<b>后端</b>工程师<br>北京 <a href="https://example.com/san">主页</a></p>
<ul><li>Kafka 流处理</li></ul><table><tr><td>学历</td><td>硕士</td></tr></table><div style="display: none">隐藏</div>
</body></html>""".encode("gb18030")
RESUME_MD = "# 张三\n\n**后端工程师**，北京\n\n- Kafka\n- Python\n\n| 学历 | 学校 |\n|---|---|\n| 硕士 | 北京大学 |\n"
RESUME_JSON = '{"basics": {"name": "张三"}, "work": [{"name": "某某科技"}], "education": []}'


def ole(streams):
    """A compound file ([MS-CFB], version 3) with one level of streams, each at least 4096 bytes long."""
    sectors, starts = [], {}
    chain = []
    for name, content in streams.items():
        content = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        starts[name] = (len(sectors), len(content))
        count = len(content) // 512
        chain += [*range(len(sectors) + 1, len(sectors) + count), 0xFFFFFFFE]
        sectors += [content[i * 512 : (i + 1) * 512] for i in range(count)]
    entries = [("Root Entry", 5, 1, 0xFFFFFFFE, 0)]
    entries += [(name, 2, 0xFFFFFFFF, *starts[name]) for name in streams]
    directory = b""
    for i, (name, kind, child, start, size) in enumerate(entries):
        raw = name.encode("utf-16-le")
        right = i + 1 if 0 < i < len(entries) - 1 else 0xFFFFFFFF
        directory += raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw) + 2, kind, 1, 0xFFFFFFFF, right, child)
        directory += bytes(36) + struct.pack("<IQ", start, size)
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    at, count = len(sectors), len(directory) // 512
    chain += [*range(at + 1, at + count), 0xFFFFFFFE, 0xFFFFFFFD]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, at + count)
    return header.ljust(512, b"\xff") + b"".join(sectors) + directory + fat


def word97(text, flags=0x0200, extra=None):
    """A Word 97 file whose text is one UTF-16 piece and one code page 1252 piece."""
    wide, narrow = text.encode("utf-16-le"), b" resume\r"
    word = bytearray(struct.pack("<HHHHHH", 0xA5EC, 0x00C1, 0, 0, 0, flags).ljust(2048, b"\0")) + wide + narrow
    ends = struct.pack("<III", 0, len(text), len(text) + len(narrow))
    places = struct.pack("<HIH", 0, 2048, 0) + struct.pack("<HIH", 0, (2048 + len(wide)) * 2 | 0x40000000, 0)
    clx = b"\x01\x02\x00ab" + b"\x02" + struct.pack("<I", len(ends + places)) + ends + places
    struct.pack_into("<II", word, 0x01A2, 0, len(clx))
    return ole({"WordDocument": bytes(word), "1Table": clx, **(extra or {})})


RESUME_DOC = word97("张三\r工程师\x0b北京\r学历\x07硕士\x07\x07\x13 HYPERLINK x \x14主页\x15\r")


def picture(data, format="PNG", scale=2.0, turn=0, **options):
    image = pdfium.PdfDocument(data)[0].render(scale=scale).to_pil().convert("RGB")
    buffer = io.BytesIO()
    image.rotate(turn, expand=True, fillcolor="white").save(buffer, format, **options)
    return buffer.getvalue()


def words_picture(text="Zhang San Engineer", size=(700, 200)):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((30, 60), text, fill="black", font_size=40)
    return image


SCANNED = [
    "张三 Zhang San",
    "电话：13800138000  邮箱：zhang.san@example.com  北京市海淀区",
    *[
        line
        for i in range(11)
        for line in (
            f"北京某某科技有限公司  高级后端工程师  20{i:02}.03 - 20{i + 1:02}.06",
            "负责招聘平台的流式数据处理系统，使用 Python 与 Kafka 把简历解析的延迟从三秒降低到三百毫秒，",
            "并编写监控、告警与自动化测试，带领六人团队完成从批处理到流处理的迁移。",
        )
    ],
]


def scanned_page(dpi=200):
    """A dense A4 page of 10.5 points as a scanner sees it."""
    font = importlib.resources.files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"
    size = 10.5 * dpi / 72
    image = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 245)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(SCANNED):
        draw.text((0.8 * dpi, 0.8 * dpi + 2 * size * i), line, fill=40, font=ImageFont.truetype(str(font), size))
    return image
