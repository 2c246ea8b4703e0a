"""Word files: our own template of each document, filling one, and what a federation's own template may hold."""

import re
from collections.abc import Callable, Iterable
from functools import singledispatch
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from cases.documents.inside import why_not_inside
from cases.documents.layout import (
    PLACE,
    Block,
    Break,
    Facts,
    Free,
    Head,
    Layout,
    Look,
    Para,
    Rows,
    Seal,
    Sign,
    Stub,
    When,
    Written,
    walk,
)

FANGSONG, HEITI, SONGTI = "仿宋_GB2312", "黑体", "方正小标宋简体"
RED = RGBColor(0xD7, 0x00, 0x0F)
TEXT_WIDTH = Mm(156)
MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 20 * 1024 * 1024
MAX_PLACES = 2000  # ours have about a hundred
# What XML 1.0 cannot hold, and the two signs the filling takes for breaks of its own.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class TemplateRefused(Exception):
    """A Word file cannot serve as a template; the message says what to put right."""


# -- our own templates --------------------------------------------------------------------------------


def built_in(layout: Layout) -> bytes:
    """The .docx that says `{{ name }}` where the layout says `{name}`: used as it is, or changed by a federation."""
    document = Document()
    document.core_properties.author = document.core_properties.comments = ""
    writer = _Writer(document, small=layout.look is Look.FORM)
    _page(document, layout)
    if layout.look is Look.FORM:
        writer.line("{issuer}", align="center", after=Pt(6))
    else:
        writer.line("{number}", align=_number_side(layout), after=Pt(16))
    writer.line(layout.title, font=SONGTI, size=Pt(20 if writer.small else 22), align="center", after=Pt(14))
    if writer.small:
        writer.guarded("number", lambda: writer.line("{number}", align="right"))
    if layout.addressee:
        writer.line(f"{layout.addressee}：")
    for block in layout.blocks:
        _write(block, writer)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _number_side(layout: Layout) -> str:
    return "center" if layout.look is Look.MINUTES else "right"


class _Writer:
    """Puts paragraphs and tables of one hand into a document."""

    def __init__(self, document: Doc, *, small: bool) -> None:
        self.document, self.small = document, small
        self.together = False  # whether the next paragraph stays on the same page
        self.size = Pt(12 if small else 16)
        self.cell_size = Pt(11 if small else 14)

    def line(
        self,
        text: str,
        *,
        font: str = FANGSONG,
        size: Pt | None = None,
        align: str = "both",
        indent: bool = False,
        after: Pt | None = None,
    ) -> Paragraph:
        paragraph = self.document.add_paragraph()
        _set(paragraph, text, font=font, size=size or self.size)
        look = paragraph.paragraph_format
        look.alignment = _ALIGN[align]
        look.space_before, look.space_after = Pt(0), after or Pt(0)
        look.keep_with_next = self.together
        look.line_spacing = Pt(20) if self.small else Pt(28.95)  # 22 lines on 225 mm
        if indent:
            look.first_line_indent = Emu((size or self.size) * 2)
        return paragraph

    def tag(self, text: str) -> None:
        """A line that only steers the filling and leaves nothing behind."""
        self.document.add_paragraph(f"{{%p {text} %}}")

    def guarded(self, name: str, write: Callable[[], object]) -> None:
        self.tag(f"if {name}")
        write()
        self.tag("endif")

    def table(self, rows: int, widths: list[int]) -> list[list[_Cell]]:
        table = self.document.add_table(rows=rows, cols=len(widths))
        table.style, table.autofit = "Table Grid", False
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Emu(TEXT_WIDTH * width // sum(widths))
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Emu(TEXT_WIDTH * width // sum(widths))
        return [list(row.cells) for row in table.rows]

    def cell(self, cell: _Cell, text: str, *, word: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        _set(paragraph, text, font=HEITI if word else FANGSONG, size=self.cell_size)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if word else WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.keep_with_next = self.together


_ALIGN = {
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def _set(paragraph: Paragraph, text: str, *, font: str, size: Pt, red: bool = False) -> None:
    run = paragraph.add_run(PLACE.sub(r"{{ \1 }}", text))
    run.font.name, run.font.size = font, size
    run.font.bold = font == SONGTI
    if red:
        run.font.color.rgb = RED
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)


@singledispatch
def _write(block: Block, writer: _Writer) -> None:
    raise TypeError(block)


@_write.register
def _(block: Para, writer: _Writer) -> None:
    writer.line(block.text, indent=not block.plain)


@_write.register
def _(block: Head, writer: _Writer) -> None:
    writer.line(block.text, font=HEITI, indent=True)


@_write.register
def _(block: Free, writer: _Writer) -> None:
    writer.tag(f"for line in {block.name}")
    writer.line("{line}", indent=True)
    writer.tag("endfor")


@_write.register
def _(block: Facts, writer: _Writer) -> None:
    cells = writer.table(len(block.rows), [22, 28, 20, 30])
    for row, line in zip(block.rows, cells, strict=True):
        if len(row) == 2:
            line[1].merge(line[3])
        for at, text in enumerate(row):
            writer.cell(line[at], text, word=at % 2 == 0)
    writer.line("", size=Pt(6))


@_write.register
def _(block: Rows, writer: _Writer) -> None:
    widths = [width for *_, width in block.columns]
    heads, begin, row, end = writer.table(4, widths)
    for cell, (_, heading, _) in zip(heads, block.columns, strict=True):
        writer.cell(cell, heading, word=True)
    begin[0].paragraphs[0].add_run(f"{{%tr for row in {block.name} %}}")
    for cell, (name, *_) in zip(row, block.columns, strict=True):
        writer.cell(cell, "")
        run = cell.paragraphs[0].runs[0]
        run.text = f"{{{{ row.{name} }}}}"
    end[0].paragraphs[0].add_run("{%tr endfor %}")
    writer.line("", size=Pt(6))


@_write.register
def _(block: Sign, writer: _Writer) -> None:
    writer.line(
        "　　　　　　".join(f"{label}：" for label in block.labels) + "　　　　　", align="left", after=Pt(6)
    )


@_write.register
def _(block: Seal, writer: _Writer) -> None:
    writer.line("", size=Pt(10))
    for text in (block.who, block.day):
        paragraph = writer.line(text, align="right")
        paragraph.paragraph_format.right_indent = Emu(writer.size * 4)
        paragraph.paragraph_format.keep_with_next = text is block.who


@_write.register
def _(block: Break, writer: _Writer) -> None:
    writer.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


@_write.register
def _(block: Stub, writer: _Writer) -> None:
    writer.together = True
    writer.line(
        f"- - - - - - - - - - {block.title} - - - - - - - - - -", size=Pt(12), align="center", after=Pt(4)
    )
    for inner in block.blocks[:-1]:
        _write(inner, writer)
    writer.together = False
    _write(block.blocks[-1], writer)


@_write.register
def _(block: When, writer: _Writer) -> None:
    writer.tag(f"if {block.name}")
    for inner in block.blocks:
        _write(inner, writer)
    writer.tag("endif")


# -- the page: GB/T 9704-2012 -------------------------------------------------------------------------


def _page(document: Doc, layout: Layout) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    small = layout.look is Look.FORM
    section.top_margin, section.bottom_margin = (Mm(25), Mm(25)) if small else (Mm(37), Mm(35))
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(28 if not small else 15), Mm(18)
    section.start_type = WD_SECTION.NEW_PAGE
    document.settings.odd_and_even_pages_header_footer = True
    section.different_first_page_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        _page_number(footer.paragraphs[0], side)
    if not small:
        _brow(section.first_page_header.paragraphs[0], layout)
        if layout.look is Look.LETTER:
            _edge(section.first_page_footer.paragraphs[0], "top", "thinThickSmallGap")


def _brow(paragraph: Paragraph, layout: Layout) -> None:
    """The issuer in red over a red line; the body begins under it."""
    minutes = layout.look is Look.MINUTES
    text = "{issuer}维权联席会议纪要" if minutes else "{issuer}"
    _set(paragraph, text, font=SONGTI, size=Pt(24 if minutes else 28), red=True)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(12)
    _edge(paragraph, "bottom", "single" if minutes else "thickThinSmallGap")


def _edge(paragraph: Paragraph, side: str, kind: str) -> None:
    borders, edge = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for name, value in (("val", kind), ("sz", "18"), ("space", "6"), ("color", "D7000F")):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)
    paragraph._element.get_or_add_pPr().append(borders)
    # 170 mm, seven more than the text on either side.
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(-7)


def _page_number(paragraph: Paragraph, side: str) -> None:
    """— 1 —"""
    paragraph.alignment = _ALIGN[side]
    for text in ("— ", None, " —"):
        run = paragraph.add_run(text or "")
        run.font.name, run.font.size = "宋体", Pt(14)
        if text is None:
            for kind in ("begin", "instr", "end"):
                run._element.append(_field(kind))


def _field(kind: str) -> Any:
    if kind == "instr":
        element = OxmlElement("w:instrText")
        element.text = "PAGE"
        return element
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    return element


# -- filling ------------------------------------------------------------------------------------------


def _environment() -> SandboxedEnvironment:
    # No filters, tests or globals: a template chooses where a value stands, and nothing else.
    environment = SandboxedEnvironment(autoescape=True)
    environment.globals.clear()
    environment.filters.clear()
    return environment


def typed(text: object) -> Markup:
    """What a person typed, as text: braces too are written so that neither the filling nor Word sees more in them."""
    said = UNPRINTABLE.sub("", str(text).replace("\r\n", "\n"))
    return Markup(str(escape(said)).replace("{", "&#123;").replace("}", "&#125;"))  # noqa: S704 – escaped here


def fill_docx(template: bytes, sheet: Written) -> bytes:
    """The Word file of a document, by our template or a federation's."""
    book = DocxTemplate(BytesIO(template))
    book.render(_context(sheet), jinja_env=_environment(), autoescape=True)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _context(sheet: Written) -> dict[str, object]:
    lists = sheet.layout.lists()
    paragraphs = {free.name: free for free in sheet.layout.paragraphs()}
    told: dict[str, object] = {}
    for name in sheet.layout.names():
        value = sheet.values.get(name, "")
        if lists.get(name):
            rows = value or [{}] * _blank(sheet.layout, name)
            told[name] = [{column: typed(row.get(column, "")) for column in lists[name]} for row in rows]
        elif name in paragraphs:
            told[name] = [typed(line) for line in paragraphs[name].lines(sheet.values)]
        else:
            told[name] = typed(value) if isinstance(value, str) else bool(value)
    return told | {name: typed(value) for name, value in sheet.common().items()}


def _blank(layout: Layout, name: str) -> int:
    return next(
        block.blank for block in walk(layout.blocks) if isinstance(block, Rows) and block.name == name
    )


# -- a federation's own template ------------------------------------------------------------------------

_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
_FORBIDDEN = (
    ("vbaproject", "文件里有宏，请另存为不带宏的 .docx 再上传。"),
    ("activex", "文件里有控件，请删去控件再上传。"),
    ("embeddings/", "文件里嵌入了别的文件，请删去再上传。"),
    ("attachedtemplate", "文件连着外部模板，请在 WPS 或 Word 里断开后再上传。"),
)


def check_template(content: bytes, layout: Layout) -> None:
    """Whether this Word file can stand in for ours.

    Raises: TemplateRefused with a sentence.
    """
    if len(content) > MAX_BYTES:
        raise TemplateRefused("文件超过 2 MB，请去掉图片再上传。")
    parts = _parts(content)
    _check_parts(parts)
    try:
        book = DocxTemplate(BytesIO(content))
        source = _source(book)
        refusal = why_not_inside(book.docx)
    except Exception as broken:
        raise TemplateRefused("文件打不开，请用 WPS 或 Word 另存为 .docx 再上传。") from broken
    if refusal:
        raise TemplateRefused(refusal)
    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as wrong:
        raise TemplateRefused("占位符写得不完整：{{ }} 和 {% %} 要成对，循环和条件要有结尾。") from wrong
    _check_names(tree, layout)


def _parts(content: bytes) -> dict[str, bytes]:
    try:
        with ZipFile(BytesIO(content)) as book:
            if sum(info.file_size for info in book.infolist()) > MAX_UNPACKED:
                raise TemplateRefused("文件展开后过大，请去掉图片再上传。")
            return {info.filename: book.read(info) for info in book.infolist()}
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as broken:
        raise TemplateRefused("这不是 .docx 文件，请用 WPS 或 Word 另存为 .docx 再上传。") from broken


def _check_parts(parts: dict[str, bytes]) -> None:
    if "word/document.xml" not in parts:
        raise TemplateRefused("这不是 .docx 文件，请用 WPS 或 Word 另存为 .docx 再上传。")
    links = b"".join(content for name, content in parts.items() if name.endswith(".rels")).lower()
    everything = " ".join(parts).lower() + links.decode("utf-8", "replace")
    for mark, words in _FORBIDDEN:
        if mark in everything or mark.encode() in parts.get("[Content_Types].xml", b"").lower():
            raise TemplateRefused(words)
    if b'targetmode="external"' in links:
        raise TemplateRefused("文件里有外部链接或外部图片，请删去再上传。")
    for name, content in parts.items():
        if name.endswith(".xml") and b"<!DOCTYPE" in content[:1000]:
            raise TemplateRefused("文件打不开，请用 WPS 或 Word 另存为 .docx 再上传。")
        placed = b"{{" in content or b"{%" in content
        if placed and name.endswith(".xml") and not _TEXT_PARTS.fullmatch(name):
            raise TemplateRefused("占位符只能写在正文、页眉和页脚里，脚注和文件属性里的请删去。")


def _source(book: DocxTemplate) -> str:
    """All that the filling will read, one part after the other."""
    book.init_docx()
    texts = [book.patch_xml(book.get_xml())]
    for uri in (book.HEADER_URI, book.FOOTER_URI):
        texts += [book.patch_xml(book.get_part_xml(part)) for _, part in book.get_headers_footers(uri)]
    return "\n".join(texts)


_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Name, nodes.Getattr),
    *(nodes.Not, nodes.And, nodes.Or, nodes.Const),
)


def _check_names(tree: nodes.Template, layout: Layout) -> None:
    lists, known = layout.lists(), layout.names()
    if odd := next((node for node in tree.find_all(nodes.Node) if not isinstance(node, _ALLOWED)), None):
        raise TemplateRefused(
            f"第一处不能用的写法是“{type(odd).__name__}”：只能用 {{{{ 名称 }}}}、按清单循环和按名称判断，不能用函数、过滤器和计算。"
        )
    if sum(1 for _ in tree.find_all(nodes.Name)) > MAX_PLACES:
        raise TemplateRefused(f"占位符超过{MAX_PLACES}个，请减少后再上传。")
    _check_scope(tree, {}, lists)
    loops = {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)}
    used = {node.name for node in tree.find_all(nodes.Name)}
    if unknown := used - known - loops:
        raise TemplateRefused(f"不认识的占位符：{_listed(unknown)}。可以用的有：{_listed(known)}。")


def _check_scope(node: nodes.Node, rows: dict[str, str], lists: dict[str, tuple[str, ...]]) -> None:
    """Each `row.column` stands inside a loop over a list that has the column."""
    if isinstance(node, nodes.For):
        if not (isinstance(node.target, nodes.Name) and isinstance(node.iter, nodes.Name)):
            raise TemplateRefused("循环请写成 {% for row in 清单名称 %}。")
        if rows:
            raise TemplateRefused("循环里面不能再有循环，请分开写。")
        if node.iter.name not in lists:
            raise TemplateRefused(f"“{node.iter.name}”不是清单，不能循环。可以循环的有：{_listed(lists)}。")
        rows = rows | {node.target.name: node.iter.name}
    if isinstance(node, nodes.Getattr):
        of = node.node.name if isinstance(node.node, nodes.Name) else ""
        columns = lists.get(rows.get(of, ""), ())
        if node.attr not in columns:
            raise TemplateRefused(f"“{of}.{node.attr}”没有这一列。可以用的列有：{_listed(columns)}。")
    for child in node.iter_child_nodes():
        _check_scope(child, rows, lists)


def _listed(names: Iterable[str]) -> str:
    return "、".join(sorted(names)) or "（没有）"
