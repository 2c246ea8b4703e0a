"""A document filled with invented data: how a template looks before it is used."""

from cases.choices import DocType
from cases.documents.kinds import KINDS
from cases.documents.layout import Written

WORDS: dict[str, str] = {
    "issuer": "示例县妇女联合会",
    "number": "示妇〔2026〕1号",
    "day": "2026年3月5日",
    "contact": "示例联系人",
    "phone": "0000-0000000",
    "petitioner": "示例信访人",
    "department": "示例县公安局",
    "case_number": "示例案号",
}
LINES = "这里是第一段示例文字，用来看看长句子怎样换行、段落之间的距离合不合适。\n这里是第二段示例文字。"


def sample(doc_type: DocType) -> Written:
    layout = KINDS[doc_type].layout
    values: dict[str, object] = {name: WORDS.get(name, "示例") for name in layout.names()}
    for name, columns in layout.lists().items():
        values[name] = [dict.fromkeys(columns, f"示例{n}") for n in (1, 2)] if columns else LINES
    return Written(layout, values)
