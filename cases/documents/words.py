"""Numbers and words of the letters a step owes: what is said is kept as it was said."""

from datetime import date, datetime

from cases.choices import DocType, PaperKind, PersonRole, ReferralKind
from cases.deadlines import china_date
from cases.models import Case, Counter
from stations.models import Organisation, Staff

MINUTES = "MINUTES"
DOC_WORDS: dict[str, str] = {
    MINUTES: "会纪",
    DocType.ACCEPT_NOTICE: "受",
    DocType.REFUSE_NOTICE: "不受",
    DocType.REDIRECT_NOTICE: "引",
    DocType.EXTEND_NOTICE: "延",
    ReferralKind.ASSIGN: "交",
    ReferralKind.TRANSFER: "转",
    ReferralKind.HAND_OVER: "移",
    ReferralKind.REFER: "介",
    PaperKind.NOTICE: "督",
    PaperKind.SECOND_NOTICE: "督二",
    PaperKind.OPINION: "督促",
    PaperKind.REQUEST_GOV: "请督",
    PaperKind.JOINT: "联督",
    PaperKind.LISTED: "挂牌",
    PaperKind.PROCURATE: "检线",
    PaperKind.CIRCULAR: "通报",
}
# The documents that no step numbers. Apart from the words above: a kind of paper and a document may share a code.
OWN_WORDS: dict[DocType, str] = {
    DocType.TRANSFER_NOTICE: "告",
    DocType.OBJECTION_LETTER: "异",
    DocType.OPINION: "意",
    DocType.REVIEW_OPINION: "复查",
    DocType.RECHECK_OPINION: "复核",
    DocType.AGENCY_AUTH: "代",
    DocType.INTRO_LETTER: "信",
    DocType.MR_LETTER: "报",
    DocType.SUPPORT_SUIT: "支诉",
    DocType.MEDIATION_AGREEMENT: "调",
    DocType.INTERVIEW_NOTICE: "约",
    DocType.MEETING_NOTICE: "会",
}

_WOMEN = "《中华人民共和国妇女权益保障法》第七十三条第一款"
_PETITION = "《信访工作条例》第四十条"
# The ground each supervision paper names unless its drafter writes another.
PAPER_BASES: dict[str, str] = {
    PaperKind.NOTICE: f"{_WOMEN}：有关部门应当依法查处，并予以答复。参照{_PETITION}。",
    PaperKind.SECOND_NOTICE: f"{_WOMEN}：有关部门应当依法查处，并予以答复。参照{_PETITION}。",
    PaperKind.OPINION: f"{_WOMEN}：有关部门不予处理或者处理不当的，妇女联合会可以提出督促处理意见。",
    PaperKind.REQUEST_GOV: f"{_WOMEN}：必要时可以提请同级人民政府开展督查。",
    PaperKind.JOINT: f"{_WOMEN}，参照{_PETITION}。",
    PaperKind.LISTED: f"{_WOMEN}，参照{_PETITION}。",
    PaperKind.PROCURATE: "《中华人民共和国妇女权益保障法》第七十七条。",
    PaperKind.CIRCULAR: f"参照{_PETITION}。",
}
# Between units of the federation the terms they all work by are the ground.
INTERNAL_BASIS = "《信访工作条例》第二十三条、第三十四条和本市妇联办理期限。"


def book_of(unit: Organisation, word: str, year: int) -> str:
    """The unit's register of one word in one year, which is also what its numbers begin with."""
    return f"{unit.short_name or unit.name}{word}〔{year}〕"


def next_doc_number(unit: Organisation, kind: str, at: datetime) -> str:
    """The next number of the unit's register, e.g. 鲁妇访转〔2026〕12号. Source: GB/T 9704 (hexagonal brackets, no leading zero)."""
    return next_number(unit, DOC_WORDS[kind], at)


def next_number(unit: Organisation, word: str, at: datetime) -> str:
    book = book_of(unit, word, china_date(at).year)
    return f"{book}{Counter.take(book)}号"


def book_and_serial(number: str) -> tuple[str, int]:
    """The register a number stands in and its place there."""
    book, _, serial = number.removesuffix("号").rpartition("〕")
    return f"{book}〕", int(serial)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def petitioner_name(case: Case) -> str:
    party = (
        case.parties.filter(role=PersonRole.PETITIONER).select_related("person").order_by("position").first()
    )
    return (party.person.name if party and party.person else "") or "信访人"


def notice_body(
    case: Case, doc_type: DocType, *, unit: Organisation, handler: Staff, at: datetime, text: str
) -> str:
    """The words of a notice to the petitioner. Source: 信访工作条例 (2022) 第23、34条."""
    received = chinese_date(china_date(case.received_at))
    opening = f"{petitioner_name(case)}：\n    您于{received}向我们反映的事项（案号 {case.number}）已收悉。"
    where = f"联系人：{handler.name}，电话：{unit.phone or handler.phone or '见站内公示'}。"
    query = "您可以凭案号和查询码向我们查询办理进度。"
    said = {
        DocType.ACCEPT_NOTICE: f"经审核，我们已受理，由{unit.name}承办。{text}\n    {query}",
        DocType.REFUSE_NOTICE: f"经审核，不予受理。理由：{text}",
        DocType.REDIRECT_NOTICE: f"该事项不属于我们的职权范围，请向以下单位提出：{text}",
        DocType.EXTEND_NOTICE: f"因情况复杂，办理期限延长。{text}\n    {query}",
    }[doc_type]
    return f"{opening}{said}\n    {where}\n\n{unit.name}\n{chinese_date(china_date(at))}"
