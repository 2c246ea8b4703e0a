"""Notices to the petitioner. Source: 信访工作条例 (2022) 第19、22、23、34、36条."""

from typing import Any

from cases.choices import DocType
from cases.documents.kinds.about import About, DocKind, Of, category_of, owner_of, petitioner, told_day
from cases.documents.layout import Facts, Free, Layout, Para, Seal, Sign, Stub
from cases.models import Event

OPENING = "您于{received}以{form}形式向我们反映的“{category}”事项（案号{case_number}）已收悉。"
CONTACT = Para("联系人：{contact}，联系电话：{phone}。")
PROOF = Stub(
    "送达回证",
    (
        Facts(
            (
                ("文书", "{title}", "文号", "{number}"),
                ("受送达人", "{addressee}", "送达方式", "□当面　□邮寄　□其他"),
                ("签收或拒收", "", "送达日期", "　　年　月　日"),
                ("信访人意见", ""),
            )
        ),
        Sign(("受送达人（签名、指印）", "送达人（签名）")),
    ),
)
RIGHTS = (
    "办理期间，您有权查询办理情况、提供材料、申请有利害关系的工作人员回避；请如实反映情况，依法有序表达诉求。"
)


def _layout(title: str, *said: Para | Free) -> Layout:
    return Layout(title, (Para(OPENING), *said, CONTACT, Seal(), PROOF), addressee="{petitioner}")


def _base(about: About) -> dict[str, Any]:
    case = about.matter
    return {
        "petitioner": petitioner(case),
        "received": told_day(case.received_at),
        "form": case.get_form_display(),
        "category": category_of(case),
        "case_number": case.number,
        "unit": about.unit.name,
        "contact": owner_of(case, about.by),
        "text": _said(about),
    }


def _said(about: About) -> str:
    """The words the step was taken with: what was told to the history is what stands in the notice."""
    if about.notice is None:
        return ""
    steps = {
        DocType.REFUSE_NOTICE: "REFUSE",
        DocType.REDIRECT_NOTICE: "REDIRECT",
    }
    step = steps.get(DocType(about.notice.doc_type))
    if step is None:
        return ""
    event = Event.objects.filter(case=about.case, step=step).order_by("-seq").first()
    return event.note.text if event and hasattr(event, "note") else ""


def _accept(about: About) -> dict[str, Any]:
    case = about.matter
    decides = case.clocks.live().of_case_itself().filter(code="XF-DECIDE").first()
    term = (
        f"自受理之日起六十日内（{told_day(decides.effective_due)}前）作出处理意见"
        if decides
        else "及时办理并向您反馈结果"
    )
    return _base(about) | {
        "accepted": told_day(about.notice.made_at if about.notice else about.at),
        "term": term,
    }


def _extend(about: About) -> dict[str, Any]:
    granted = about.matter.extensions.filter(granted=True).order_by("-decided_at").first()
    clock = (
        about.matter.clocks.of_case_itself()
        .filter(code__in=("XF-DECIDE", "IN-TOTAL"))
        .order_by("code")
        .last()
    )
    return _base(about) | {
        "days": str(granted.days) if granted else "",
        "text": granted.reason if granted else "",
        "nominal": told_day(clock.nominal_due if clock else None),
        "due": told_day(clock.effective_due if clock else None),
    }


def _transfer(about: About) -> dict[str, Any]:
    sent = about.referral
    assert sent is not None  # noqa: S101 – by the table of kinds
    return _base(about) | {
        "department": sent.department.name,
        "sent": told_day(sent.sent_at),
        "verb": sent.get_kind_display().partition("（")[0],
        "letter": sent.number,
    }


NOTICES = {
    DocType.ACCEPT_NOTICE: DocKind(
        _layout(
            "信访事项受理告知书",
            Para("经审核，我们已于{accepted}受理，由{unit}承办，{term}。"),
            Para("您可以凭案号和登记时交给您的查询码，向我们当面、来电或网上查询办理进度。"),
            Para(RIGHTS),
        ),
        _accept,
        Of.NOTICE,
    ),
    DocType.REFUSE_NOTICE: DocKind(
        _layout(
            "信访事项不予受理告知书",
            Para("经审核，依照《信访工作条例》第二十三条等规定，对该事项不予受理。理由和途径如下："),
            Free("text", "不予受理的理由和应当找的单位"),
        ),
        _base,
        Of.NOTICE,
    ),
    DocType.REDIRECT_NOTICE: DocKind(
        _layout(
            "信访事项引导告知书",
            Para("经审核，该事项不属于我们的职权范围。依照《信访工作条例》第二十三条，请向以下单位提出："),
            Free("text", "单位、地址、电话、要带的材料"),
            Para("需要我们陪同或者协助联系的，请告诉我们。"),
        ),
        _base,
        Of.NOTICE,
    ),
    DocType.TRANSFER_NOTICE: DocKind(
        _layout(
            "信访事项{verb}告知书",
            Para(
                "依照《信访工作条例》第二十二条，我们已于{sent}将该事项{verb}{department}办理（{letter}）。"
            ),
            Para("办理情况由该单位依法答复您；我们继续跟进，您可以凭案号和查询码向我们查询。"),
        ),
        _transfer,
        Of.REFERRAL,
    ),
    DocType.EXTEND_NOTICE: DocKind(
        _layout(
            "信访事项延期办理告知书",
            Para(
                "该事项原定于{nominal}前办结。因情况复杂，依照《信访工作条例》第三十四条，办理期限延长{days}日，至{due}。"
            ),
            Para("延期理由："),
            Free("text", "延期理由"),
        ),
        _extend,
        Of.NOTICE,
    ),
}
