"""Empty forms for a day without power or a visit to a home, in the order of the screen."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cases.choices import DocType
from cases.documents import KINDS, Layout, Look, Written
from cases.documents.kinds.letters import SLIP
from cases.documents.layout import Block, Facts, Para, Sign, Stub
from cases.forms.intake import Intake, category_choices
from cases.models.contact import MAX_REPRESENTATIVES

DAY = "　　　年　月　日"
LINES = "\n\n\n"


def _boxes(field: Any) -> str:
    """□甲　□乙; grouped choices one after the other."""
    words: list[str] = []
    for code, label in field.choices:
        inner = label if isinstance(label, list | tuple) else [(code, label)]
        words += [str(said) for value, said in inner if value != ""]
    return "　".join(f"□{said}" for said in words)


def _intake(at: datetime) -> Layout:
    page = Intake(at=at)
    form, asked = page.matter, page.matter.fields
    return Layout(
        "来访来信来电登记表",
        (
            Facts(
                (
                    ("收到时间", f"{DAY}　时", "案号", ""),
                    ("怎么来的", _boxes(asked["channel"])),
                    ("形式", f"{_boxes(asked['form'])}　□匿名　人数：＿＿＿　□第一次　□又来"),
                    ("转来单位", "", "来文字号", ""),
                    ("有没有危险", f"{_boxes(asked['risk'])}\n□涉家庭暴力　□涉未成年人　□涉法涉诉"),
                    (
                        "强制报告（涉未成年人）",
                        f"{_boxes(page.report.fields['situations'])}\n□都没有　有一项：马上报警，不等核实，不反复问孩子。",
                    ),
                    ("危险评估（涉家暴）", "用《家庭暴力危险评估表》另页评估。没有评估的原因："),
                    ("反映的事情", LINES * 3),
                    ("希望怎么解决", LINES),
                    ("发生在哪里", "\n"),
                    ("此前找过谁", LINES),
                    ("类别", "　".join(f"□{group}" for group, _ in category_choices() if group) + "\n具体："),
                    ("来的目的", _boxes(asked["nature"])),
                )
            ),
            Facts(
                (
                    ("信访人姓名", "", "性别", "□女　□男　□不愿说"),
                    ("身份证号", "", "出生日期", DAY),
                    (
                        "电话",
                        "＿＿＿＿＿＿＿＿＿＿　□可以打　□先对暗语　□不要打　□不要说明来电单位\n"
                        "方便接听的时间：＿＿＿＿＿＿＿　暗语：＿＿＿＿＿",
                    ),
                    ("现在住处", "\n"),
                    ("文书可以寄往", "\n"),
                    ("民族", "", "文化程度", ""),
                    ("婚姻状况", "", "职业", ""),
                    ("人群特征", _boxes(page.petitioner.fields["characteristics"])),
                    ("被反映人", "", "是信访人的", ""),
                    ("反映的是系统内单位或其人员", f"{_boxes(page.accused.fields['about'])}　单位："),
                    ("受害人（非本人）", "", "出生日期", DAY),
                    ("监护人", "", "代理人", ""),
                    (
                        "集体访代表",
                        "\n".join(
                            f"{n}. 姓名＿＿＿＿＿＿　电话＿＿＿＿＿＿＿＿"
                            for n in range(1, MAX_REPRESENTATIVES + 1)
                        ),
                    ),
                    ("个人信息告知", _boxes(asked["privacy_notice"])),
                    ("登记的依据", _boxes(page.keep.fields["ground"])),
                    ("当场答复", LINES),
                    ("她的评价", _boxes(form.fields["satisfaction"])),
                )
            ),
            Sign(("信访人签名", "接待人签名")),
        ),
        Look.FORM,
    )


def _danger(at: datetime) -> Layout:
    page = Intake(at=at)
    ask = [("", f"{n}. {field.label}") for n, field in enumerate(page.danger.scored, 1)]
    ask += [("★", str(field.label)) for field in page.danger.special]
    return Layout(
        "家庭暴力危险评估表",
        (
            Facts(
                (
                    ("案号", "", "评估时间", f"{DAY}　时"),
                    ("受害人", _boxes(page.danger.fields["protected"])),
                    ("暴力形式", _boxes(page.danger.fields["violence"])),
                )
            ),
            Para("单独、安全时逐项问；不愿答的不追问。", plain=True),
            Facts(tuple((f"{mark}{words}", "□有　□没有　□没问到") for mark, words in ask)),
            Para("4项起为中危；6项起或者★有一项为高危：立即报警、报告上级妇联，不得调解。", plain=True),
            Facts((("得分", "", "等级", "□低　□中　□高"), ("没有评估的原因", "\n"), ("已采取的措施", LINES))),
            Sign(("评估人签名", "负责人签名")),
        ),
        Look.FORM,
    )


def _slip(at: datetime) -> Layout:
    blocks: tuple[Block, ...] = (
        Facts(
            (
                ("转介单位", "", "转介日期", DAY),
                ("接收单位", "", "紧急程度", "□非常紧急　□紧急　□较急　□不紧急"),
                ("服务对象（征得同意后填写）", "\n"),
                ("需要的服务", LINES),
                ("转介单位联系人", "", "电话", ""),
            )
        ),
        Para("以上信息限于提供本次服务使用，请予保密。", plain=True),
        Sign(("转介人签名", "转介单位（盖章）")),
        Stub(SLIP.title, SLIP.blocks),
    )
    return Layout("转介接收单", blocks, Look.FORM)


def _authority(at: datetime) -> Layout:
    return KINDS[DocType.AGENCY_AUTH].layout


BLANKS: dict[str, tuple[str, Callable[[datetime], Layout]]] = {
    "intake": ("来访来信来电登记表", _intake),
    "danger": ("家庭暴力危险评估表", _danger),
    "slip": ("转介接收单", _slip),
    "authority": ("信访代理委托书", _authority),
}


def blank_form(name: str, *, issuer: str, at: datetime) -> Written:
    """The form with nothing filled in but the unit; what a document would tell is left to be written."""
    layout = BLANKS[name][1](at)
    lists = layout.lists()
    told = {one: "　　　　　　" for one in layout.names() if one not in lists}
    return Written(layout, told | {"issuer": issuer, "number": "", "day": DAY, "made": DAY})
