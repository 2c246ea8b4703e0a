"""Letters to departments, to units under supervision, to employers. A department reads what was ticked, no more."""

from typing import Any

from cases.choices import DangerLevel, DocType, ExtractField, PaperKind, PersonRole, ReferralKind
from cases.documents.kinds.about import (
    About,
    DocKind,
    Of,
    category_of,
    facts_of,
    name_of,
    owner_of,
    petitioner,
    told_day,
)
from cases.documents.layout import Facts, Free, Layout, Para, Rows, Seal, Sign, Stub, When
from cases.models import Contact, Referral
from cases.workflow.danger import NOT_FACE_TO_FACE

CONTACT = Para("联系人：{contact}，联系电话：{phone}。")
EXTRACT = Rows("extract", (("label", "随函信息", 26), ("value", "内容", 74)))
RECEIPT = Stub(
    "回执（填写盖章后寄回）",
    (
        Facts(
            (
                ("来函", "{number}", "签收时间", ""),
                ("签收人", "", "承办人、电话", ""),
                ("本单位案号", "", "文书号、日期", ""),
                ("办理结果", "\n"),
            )
        ),
        Sign(("负责人", "单位（盖章）")),
    ),
)
TERMS: dict[str, str] = {
    ReferralKind.ASSIGN: "请依法办理，并在规定期限内书面反馈办理结果。",
    ReferralKind.TRANSFER: "请依法办理，并告知办理情况。",
    ReferralKind.HAND_OVER: "请依法审查处理，并书面告知是否接收。",
    ReferralKind.REFER: "请为其提供服务，并反馈服务情况。",
}
OBJECT = "认为不属于本单位职权范围的，请自收到之日起5个工作日内书面说明理由并退回材料（《信访工作条例》第二十三条）。"


def _sent(about: About) -> Referral:
    assert about.referral is not None  # noqa: S101 – by the table of kinds
    return about.referral


def _refer(about: About) -> dict[str, Any]:
    sent = _sent(about)
    return {
        "department": sent.department.name,
        "verb": sent.get_kind_display().partition("（")[0],
        "request": sent.request,
        "urgency": sent.get_urgency_display(),
        "extract": _extract(sent),
        "withheld": "信访人已撤回同意，不再提供其个人信息。" if sent.withheld_at else "",
        "basis": sent.get_legal_basis_display(),
        "danger": NOT_FACE_TO_FACE if sent.case.danger == DangerLevel.HIGH else "",
        "term": TERMS[sent.kind] + OBJECT,
        "contact": sent.sent_by.name,
    }


def _extract(sent: Referral) -> list[dict[str, str]]:
    """Copied when it was sent; nothing that was not ticked, and nothing any more once she took her consent back."""
    told = {} if sent.withheld_at else sent.extract
    return [
        {"label": field.label.partition("（")[0], "value": told[field]}
        for field in ExtractField
        if field in told
    ]


def _letter(title: str, opening: str, *, receipt: Stub = RECEIPT) -> Layout:
    return Layout(
        title,
        (
            Para(opening),
            Free("request", "请对方做什么"),
            When("danger", (Para("{danger}"),)),
            When("withheld", (Para("{withheld}"),)),
            When("extract", (EXTRACT,)),
            Para("紧急程度：{urgency}。提供上述个人信息的依据：{basis}，请限于办理本事项使用并予保密。"),
            Para("{term}"),
            CONTACT,
            Seal(),
            receipt,
        ),
        addressee="{department}",
    )


SLIP = Stub(
    "转介接收单（接收单位填写后寄回）",
    (
        Facts(
            (
                ("转介函号", "{number}", "接收日期", ""),
                ("接收单位", "{department}", "接收人、电话", ""),
                ("是否接收", "□接收　□不接收（理由）", "拟提供的服务", ""),
                ("服务情况反馈", "\n"),
            )
        ),
        Sign(("接收人（签名）", "接收单位（盖章）")),
    ),
)


def _objection(about: About) -> dict[str, Any]:
    came = Contact.objects.filter(case=about.case).exclude(source_number="").order_by("-received_at").first()
    came = came or Contact.objects.filter(case=about.case).order_by("received_at").first()
    return {
        "sender": (came.source_unit if came else "") or "　　　　　　",
        "letter": (came.source_number if came else "") or "　　　　　　",
        "received": told_day(came.received_at if came else None),
        "category": category_of(about.matter),
        "reasons": "经审核，该事项不属于我单位职权范围：\n建议由　　　　　　依法办理。",
    }


def _paper(about: About) -> dict[str, Any]:
    paper = about.paper
    assert paper is not None  # noqa: S101 – by the table of kinds
    pressed = paper.supervision
    units = "、".join(unit.name for unit in paper.co_units.all())
    return {
        "kind": paper.get_kind_display(),
        "to": paper.addressee or pressed.target.name,
        "target": pressed.target.name,
        "case_number": pressed.case.number,
        "trigger": pressed.get_trigger_display(),
        "facts": paper.facts,
        "basis": paper.basis,
        "demand": paper.demand,
        "co_units": units,
        "term": told_day(paper.term_on, blank=""),
        "answered": "是" if paper.to_target else "",
        "contact": pressed.opened_by.name,
        "phone": pressed.opened_by.phone or pressed.from_org.phone,
        "day": told_day(paper.signed_at),
        "lead": "特提请开展督查：" if paper.kind == PaperKind.REQUEST_GOV else "现要求如下：",
    }


PRESSED = Stub(
    "督办回执（填写盖章后寄回）",
    (
        Facts(
            (
                ("督办文号", "{number}", "签收人、时间", ""),
                ("是否采纳", "□采纳　□部分采纳　□不采纳"),
                ("措施和结果（不采纳的写理由）", "\n\n"),
            )
        ),
        Sign(("负责人", "单位（盖章）")),
    ),
)
DEMAND = (
    Free("demand", "督办要求"),
    When("co_units", (Para("联合督办单位：{co_units}。"),)),
    When("term", (Para("请于{term}前（含当日）书面回复采取的措施和结果；不采纳的，说明理由。"),)),
)


def _interview(about: About) -> dict[str, Any]:
    case = about.matter
    employer = next(
        (party.employer for party in case.parties.select_related("employer") if party.employer), None
    )
    return {
        "employer": employer.name if employer else name_of(case, PersonRole.RESPONDENT, blank="　　　　　　"),
        "matter": category_of(case),
        "bodies": "人力资源和社会保障局、工会",
        "arrangement": "时间：　　年　月　日　时\n地点：\n请法定代表人或者主要负责人携带身份证明和有关材料参加。",
        "contact": owner_of(case, about.by),
    }


def _intro(about: About) -> dict[str, Any]:
    case = about.matter
    return {
        "to": "＿＿＿＿＿＿",
        "bearer": owner_of(case, about.by),
        "business": f"联系办理案号{case.number}的有关事宜",
        "details": f"兹介绍我单位{owner_of(case, about.by)}同志等1人前往你处，联系办理案号{case.number}的有关事宜，请予接洽并给予协助。",
        "days": "7",
    }


def _suit(about: About) -> dict[str, Any]:
    case = about.matter
    return {
        "court": "＿＿＿＿＿＿",
        "supported": petitioner(case),
        "against": name_of(case, PersonRole.RESPONDENT, blank="　　　　　　"),
        "category": category_of(case),
        "facts": facts_of(case),
        "opinion": "我们认为，上述行为侵害了当事人的合法权益，支持其依法向你院提起诉讼，请依法审理。",
    }


LETTERS = {
    DocType.REFER_LETTER: DocKind(
        _letter("关于{verb}信访事项的函", "现将以下信访事项{verb}你单位办理，请予支持："), _refer, Of.REFERRAL
    ),
    DocType.TRANSFER_CASE_LETTER: DocKind(
        _letter(
            "关于移送案件线索的函",
            "我们在工作中发现以下线索，依法属于你单位管辖，现予移送，请依法审查处理并在收到后告知：",
        ),
        _refer,
        Of.REFERRAL,
    ),
    DocType.REFERRAL_SLIP: DocKind(
        _letter("转介函", "现将以下服务对象转介你单位，请提供服务：", receipt=SLIP), _refer, Of.REFERRAL
    ),
    DocType.OBJECTION_LETTER: DocKind(
        Layout(
            "关于退回信访事项的函",
            (
                Para("你单位{letter}转来的“{category}”事项，我们于{received}收到。"),
                Free("reasons", "不属于本单位的理由和建议的承办单位"),
                Para("依照《信访工作条例》第二十三条，现将该事项和有关材料退回，请予核实。"),
                CONTACT,
                Seal(),
            ),
            addressee="{sender}",
            asked=(Free("sender", "来函单位", 0), Free("letter", "来函文号", 0, needed=False)),
        ),
        _objection,
    ),
    DocType.SUPERVISE_NOTICE: DocKind(
        Layout(
            "{kind}",
            (
                Para("关于案号{case_number}的办理，存在以下问题（{trigger}）："),
                Free("facts", "存在的问题"),
                Para("依据：{basis}"),
                Para("{lead}"),
                *DEMAND,
                CONTACT,
                Seal(),
                When("answered", (PRESSED,)),
            ),
            addressee="{to}",
            also=("target",),
        ),
        _paper,
        Of.PAPER,
    ),
    DocType.URGE_OPINION: DocKind(
        Layout(
            "督促处理意见书",
            (
                Para("关于案号{case_number}，我们了解的情况是："),
                Free("facts", "事实和违反的规定"),
                Para("依据：{basis}"),
                Para("现提出督促处理意见如下："),
                *DEMAND,
                Para(
                    "逾期不答复或者处理不当的，我们将依照《中华人民共和国妇女权益保障法》第七十三条提请同级人民政府开展督查。"
                ),
                CONTACT,
                Seal(),
                PRESSED,
            ),
            addressee="{to}",
            also=("target", "kind", "lead", "answered", "trigger"),
        ),
        _paper,
        Of.PAPER,
    ),
    DocType.INTERVIEW_NOTICE: DocKind(
        Layout(
            "约谈通知书",
            (
                Para(
                    "我们收到反映你单位“{matter}”的情况。依照《中华人民共和国妇女权益保障法》第七十四条，"
                    "由{bodies}会同我们约谈你单位，听取说明，督促限期纠正。"
                ),
                Free("arrangement", "时间、地点、要求"),
                CONTACT,
                Seal(),
                Stub(
                    "约谈纪要",
                    (
                        Facts((("参加人", "\n"), ("纠正措施", "\n\n"), ("完成期限", "", "复查日期", ""))),
                        Sign(("用人单位负责人（签名）", "记录人（签名）")),
                    ),
                ),
            ),
            addressee="{employer}",
        ),
        _interview,
    ),
    DocType.INTRO_LETTER: DocKind(
        Layout(
            "介绍信",
            (
                Free("details", "介绍谁、几人、办什么事"),
                Para("（有效期{days}天）"),
                Seal(),
                Stub(
                    "存根",
                    (
                        Facts(
                            (
                                ("编号", "{number}", "日期", "{day}"),
                                ("持信人", "{bearer}", "前往单位", "{to}"),
                                ("事由", "{business}"),
                            )
                        ),
                        Sign(("批准人", "领取人")),
                    ),
                ),
            ),
            addressee="{to}",
            asked=(Free("to", "前往单位", 0),),
        ),
        _intro,
        carried=True,
    ),
    DocType.SUPPORT_SUIT: DocKind(
        Layout(
            "支持起诉意见书",
            (
                Facts(
                    (
                        ("支持起诉单位", "{issuer}", "受支持人", "{supported}"),
                        ("对方当事人", "{against}", "事由", "{category}"),
                    )
                ),
                Para("受支持人反映："),
                Free("facts", "事实"),
                Para("支持起诉意见："),
                Free("opinion", "意见"),
                Para(
                    "依据：《中华人民共和国妇女权益保障法》第七十八条、《中华人民共和国民事诉讼法》第十五条。"
                ),
                Seal(),
            ),
            addressee="{court}",
            asked=(Free("court", "受理的法院", 0),),
        ),
        _suit,
    ),
}
