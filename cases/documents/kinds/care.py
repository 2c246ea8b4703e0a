"""What is written with her or on her behalf: record, authority, consent, plan, report, application, agreement."""

from typing import Any

from cases.choices import (
    DocType,
    ExtractField,
    MandatoryReportSituation,
    PersonRole,
    PrivacyNotice,
    ProtectionMeasure,
    ReportTo,
    VictimNeed,
)
from cases.documents.kinds.about import (
    BLANK,
    About,
    DocKind,
    Of,
    facts_of,
    helped,
    joined,
    name_of,
    party_of,
    petitioner,
    safe_phone,
    sex_of,
    statement_of,
    told_day,
    told_moment,
)
from cases.documents.layout import Break, Facts, Free, Head, Layout, Look, Para, Rows, Seal, Sign
from cases.models import Monitor, Party, PetitionAgency
from cases.models.watch import Agreement, MandatoryReport, OrderApplication

FORM = Look.FORM


def _record(about: About) -> dict[str, Any]:
    case, said = about.matter, statement_of(about.matter)
    party = party_of(case, PersonRole.PETITIONER)
    contact = said.contact if said else None
    return {
        "case_number": case.number,
        "time": told_moment(contact.received_at if contact else case.received_at),
        "place": contact.unit.name if contact else about.unit.name,
        "receiver": contact.received_by.name if contact else about.by.name,
        "recorder": BLANK,
        "petitioner": petitioner(case),
        "sex": sex_of(party),
        "facts": said.facts if said else "",
        "demand": said.demand if said else "",
        "before": said.handled_before if said else "",
        "reply": said.reply if said else "",
    }


def _authority(about: About) -> dict[str, Any]:
    case, watched = about.matter, _watched(about)
    signed = PetitionAgency.objects.get(pk=watched.pk)
    party = party_of(case, PersonRole.PETITIONER)
    person = party.person if party else None
    return {
        "principal": petitioner(case),
        "id_number": (person.id_number if person else "") or "　",
        "papers_address": (person.address_papers if person else "") or "　",
        "principal_phone": safe_phone(party) or "　",
        "agent": joined((watched.keeper.name, signed.other_agent), "、"),
        "unit": about.unit.name,
        "matter": f"{signed.matter}（案号{case.number}）",
        "mode": signed.get_mode_display(),
        "scope": signed.scope,
        "term": f"自{told_day(signed.signed_on)}起至{told_day(watched.valid_until)}止",
        "materials": [{"what": line, "copies": "", "kind": ""} for line in signed.papers.splitlines()],
    }


def _consent(about: About) -> dict[str, Any]:
    case = about.matter
    given = case.consents.live().filter(scope="DISCLOSE").select_related("organisation").order_by("at")
    units = [row.organisation.name for row in given if row.organisation]
    kinds = {field for row in given for field in row.fields}
    return {
        "person": petitioner(case),
        "unit": about.unit.name,
        "case_number": case.number,
        "purpose": "登记、办理您反映的事项，依法维护您的合法权益",
        "kinds": "姓名、联系方式、证件号码、文书送达地址、所反映的事实和有关材料",
        "sensitive": "涉及家庭暴力、身体健康、未成年人的信息属于敏感个人信息：不提供，我们可能无法评估危险、转介服务；"
        "泄露可能影响您的安全，因此只由办理人员查阅，每次查阅都有记录。",
        "recipients": "、".join(dict.fromkeys(units)) or "不向其他单位提供；需要转交时另行征得您的同意",
        "fields": "、".join(
            ExtractField(one).label.partition("（")[0] for one in ExtractField if one in kinds
        )
        or "　",
        "told": next((one.label for one in PrivacyNotice if one in _told(about)), "　"),
    }


def _told(about: About) -> set[str]:
    return set(about.matter.contacts.values_list("privacy_notice", flat=True))


def _plan(about: About) -> dict[str, Any]:
    case = about.matter
    plan = case.service_plans.order_by("-at", "-pk").first()
    tasks = case.plan_tasks.filter(dropped=False).select_related("unit").order_by("due_on", "pk")
    return {
        "case_number": case.number,
        "person": name_of(case, PersonRole.VICTIM, PersonRole.PETITIONER),
        "needs": "、".join(VictimNeed(need).label for need in plan.needs) if plan else "",
        "goals": plan.goals if plan else "",
        "review": told_day(plan.review_on if plan else None),
        "maker": plan.by.name if plan else about.by.name,
        # What is planned about a shelter says where it is.
        "tasks": [
            {
                "need": task.get_need_display(),
                "what": "（庇护安置的具体安排不写入本件）" if task.need == VictimNeed.SHELTER else task.what,
                "unit": joined((task.unit.name if task.unit else "", task.who))
                if task.need != VictimNeed.SHELTER
                else "",
                "due": told_day(task.due_on),
            }
            for task in tasks
        ],
        "safety": "已与本人制定安全计划，由本人保管" if case.safety_plans.exists() else "　",
    }


def _watched(about: About) -> Monitor:
    assert about.monitor is not None  # noqa: S101 – by the table of kinds
    return about.monitor


def _report(about: About) -> dict[str, Any]:
    case, report = about.matter, MandatoryReport.objects.get(pk=_watched(about).pk)
    child = helped(case)
    return {
        "to": report.report_unit
        or "、".join(ReportTo(one).label for one in report.to)
        or "　　　　　　公安局",
        "case_number": case.number,
        "child": f"代号{case.number[-5:]}",
        "sex": sex_of(child) or "　",
        "age": child.get_age_band_display() if child else "不详",
        "known": told_moment(report.known_at),
        "situations": "；".join(MandatoryReportSituation(one).label for one in report.situations),
        "facts": report.facts,
        "measures": report.measures or "　",
        "guardian": "监护人涉嫌侵害，未告知监护人" if report.guardian_suspected else "　",
        "reporter": (report.reported_by or about.by).name,
        "reporter_phone": about.phone,
        "reported": told_moment(report.reported_at or about.at),
    }


def _persons(case: Any, role: PersonRole) -> list[Party]:
    found = Party.objects.filter(case=case, role=role, person__isnull=False).select_related("person")
    return list(found.order_by("position", "pk"))


def _described(party: Party) -> str:
    person = party.person
    assert person is not None  # noqa: S101 – asked for with a person
    born = f"{person.birth_date}出生" if person.birth_date else ""
    number = f"身份证号{person.id_number}" if person.id_number else ""
    return joined((person.name, sex_of(party), born, number))


def _application(about: About) -> dict[str, Any]:
    case, asked = about.matter, OrderApplication.objects.select_related("court").get(pk=_watched(about).pk)
    applicants = _persons(case, PersonRole.VICTIM) or _persons(case, PersonRole.PETITIONER)
    measures = [ProtectionMeasure(one).paper for one in asked.measures if one != ProtectionMeasure.OTHER]
    measures += [asked.request] if asked.request else []
    return {
        "court": asked.court.name if asked.court else "　　　　　　人民法院",
        "applicant": "\n".join(map(_described, applicants)) or "　",
        "kept_apart": "依法保密，另页密封提交法院（法发〔2022〕10号第4条）",
        "unit": about.unit.name,
        "ground": f"{asked.get_ground_display()}。{asked.ground_words}",
        "respondent": "\n".join(map(_described, _persons(case, PersonRole.RESPONDENT))) or "　",
        "requests": "\n".join(f"{n}. {words}；" for n, words in enumerate(measures, 1)),
        "urgent": "情况紧急，请求依照《中华人民共和国反家庭暴力法》第二十八条在二十四小时内作出裁定。"
        if asked.urgent
        else "　",
        "facts": asked.facts,
        "evidence": [
            {"kind": f"{n}. {row.get_kind_display()}", "what": row.description, "copies": str(row.copies)}
            for n, row in enumerate(asked.evidence.order_by("at", "pk"), 1)
        ],
    }


def _agreement(about: About) -> dict[str, Any]:
    case, made = about.matter, Agreement.objects.get(pk=_watched(about).pk)
    return {
        "first": petitioner(case),
        "second": name_of(case, PersonRole.RESPONDENT, blank=BLANK),
        "mediator": made.mediator or BLANK,
        "facts": facts_of(case),
        "terms": made.terms,
        "made": told_day(made.made_on),
        "dues": [
            {"what": due.what, "due": told_day(due.due_on)} for due in made.dues.order_by("due_on", "pk")
        ],
    }


CARE = {
    DocType.INTERVIEW_RECORD: DocKind(
        Layout(
            "接谈笔录",
            (
                Facts(
                    (
                        ("案号", "{case_number}", "时间", "{time}"),
                        ("地点", "{place}", "信访人", "{petitioner}（{sex}）"),
                        ("接谈人", "{receiver}", "记录人", "{recorder}"),
                    )
                ),
                Para(
                    "告知：依照《信访工作条例》第十九条，您应当如实反映情况，对所提供材料的真实性负责；您有权申请有利害关系的工作人员回避，"
                    "有权查询办理情况；我们对您的个人信息保密。"
                ),
                Para("问：听清楚了吗？请讲一讲是什么事情。"),
                Free("facts", "她说的事情", 10, lead="答："),
                Para("问：您希望怎么解决？"),
                Free("demand", "她的要求", 3, needed=False, lead="答：", blank=4),
                Para("问：以前找过谁，怎么处理的？"),
                Free("before", "此前处理情况", 3, needed=False, lead="答：", blank=4),
                Para("当场答复："),
                Free("reply", "当场答复", 3, needed=False, blank=5),
                Para("以上笔录已向我宣读（我已看过），与我说的一致。"),
                Sign(("信访人（每页签名、指印）", "接谈人", "记录人")),
            ),
            FORM,
        ),
        _record,
        numbered=False,
        goes_out=False,
    ),
    DocType.AGENCY_AUTH: DocKind(
        Layout(
            "信访代理委托书",
            (
                Facts(
                    (
                        ("委托人", "{principal}", "身份证号", "{id_number}"),
                        ("文书送达地址", "{papers_address}", "联系电话", "{principal_phone}"),
                        ("代理人", "{agent}", "单位", "{unit}"),
                        ("委托事项", "{matter}"),
                    )
                ),
                Para("一、代理权限："),
                Free("scope", "代理范围", 3, blank=2),
                Para("代理方式：{mode}。"),
                Para("二、下列权限未经勾选，代理人不得行使：□ 代为和解　□ 放弃或者变更请求　□ 领取款物"),
                Para("三、代理期限：{term}。"),
                Para(
                    "四、信访代理不收取任何费用。代理人应当及时告知进展，保守委托人的秘密；委托人应当如实陈述、提供材料。"
                ),
                Para("五、委托人可以随时书面或者口头撤销委托，代理人记录在案。"),
                Para("六、委托人交来的材料："),
                Rows(
                    "materials",
                    (("what", "材料名称", 60), ("copies", "份数", 15), ("kind", "原件或复印件", 25)),
                    3,
                ),
                Para("本委托书一式两份，委托人、代理单位各执一份。"),
                Sign(("委托人（签名、指印）", "代理人（签名）")),
                Seal(),
            ),
            FORM,
        ),
        _authority,
        Of.MONITOR,
        carried=True,
    ),
    DocType.PI_CONSENT: DocKind(
        Layout(
            "个人信息处理告知同意书",
            (
                Facts(
                    (
                        ("个人信息处理者", "{unit}", "案号", "{case_number}"),
                        ("处理目的", "{purpose}"),
                        ("处理的种类", "{kinds}"),
                        ("敏感个人信息", "{sensitive}"),
                        ("提供给谁", "{recipients}"),
                        ("提供哪些", "{fields}"),
                        ("保存期限", "随案卷保存，期满依法销毁"),
                        ("登记时的告知", "{told}"),
                    )
                ),
                Para(
                    "您有权查阅、复制、更正、补充、删除您的个人信息，有权撤回同意；撤回不影响撤回前已经进行的处理。联系人：{contact}，电话：{phone}。"
                ),
                Para(
                    "依据：《中华人民共和国个人信息保护法》第十四条、第十七条、第二十三条、第二十九条至第三十一条。"
                ),
                Para(
                    "□ 我已知悉以上内容，同意处理我的个人信息。　□ 我单独同意处理我的敏感个人信息。　□ 我单独同意向上述单位提供。"
                ),
                Sign(("本人（签名、指印）", "监护人（不满十四周岁的）", "日期")),
            ),
            FORM,
            also=("person",),
        ),
        _consent,
        numbered=False,
        carried=True,
    ),
    DocType.SERVICE_PLAN: DocKind(
        Layout(
            "个案服务方案",
            (
                Facts(
                    (
                        ("案号", "{case_number}", "服务对象", "{person}"),
                        ("需要", "{needs}"),
                        ("安全计划", "{safety}"),
                        ("制定人", "{maker}", "下次检视", "{review}"),
                    )
                ),
                Head("目标"),
                Free("goals", "目标", 4),
                Head("任务"),
                Rows(
                    "tasks",
                    (
                        ("need", "需要", 18),
                        ("what", "任务", 40),
                        ("unit", "责任单位、责任人", 24),
                        ("due", "完成期限", 18),
                    ),
                ),
                Sign(("服务对象（签名）", "承办人", "负责人")),
            ),
            FORM,
        ),
        _plan,
        numbered=False,
        goes_out=False,
    ),
    DocType.MR_LETTER: DocKind(
        Layout(
            "关于侵害未成年人情形的报告",
            (
                Para(
                    "我们在工作中发现以下情形，依照《中华人民共和国未成年人保护法》第十一条报告如下，请依法处置并反馈："
                ),
                Facts(
                    (
                        ("未成年人", "{child}", "性别、年龄段", "{sex}，{age}"),
                        ("知悉时间", "{known}", "报告时间", "{reported}"),
                        ("情形", "{situations}"),
                        ("监护人", "{guardian}"),
                    )
                ),
                Head("一、已知的事实"),
                Free("facts", "已知的最少事实（不写姓名、住址）"),
                Head("二、已采取的紧急措施"),
                Free("measures", "紧急措施", 3),
                Para("未成年人的身份信息和联系方式由我单位指定人员当面提供；请避免反复询问。"),
                Seal(),
                Break(),
                Head("报告人信息（另页，依法保密，不得附卷公开）"),
                Facts(
                    (
                        ("报告单位", "{issuer}", "报告人", "{reporter}"),
                        ("电话", "{reporter_phone}", "案号", "{case_number}"),
                    )
                ),
            ),
            addressee="{to}",
        ),
        _report,
        Of.MONITOR,
    ),
    DocType.PO_APPLICATION: DocKind(
        Layout(
            "人身安全保护令申请书",
            (
                Facts(
                    (
                        ("申请人", "{applicant}"),
                        ("现住址、电话", "{kept_apart}"),
                        ("代为申请单位", "{unit}，电话：{phone}，代收、转交文书"),
                        ("代为申请的理由", "{ground}"),
                        ("被申请人", "{respondent}"),
                    )
                ),
                Head("请求事项"),
                Free("requests", "请求的措施", 6),
                Para("{urgent}"),
                Head("事实和理由"),
                Free("facts", "事实和理由", 10),
                Para(
                    "根据《中华人民共和国反家庭暴力法》第二十三条、第二十七条、第二十九条，请求依法作出人身安全保护令。"
                ),
                Head("证据清单"),
                Rows(
                    "evidence",
                    (("kind", "种类", 32), ("what", "内容和证明什么", 53), ("copies", "份数", 15)),
                    3,
                ),
                Para("此致", plain=True),
                Para("{court}", plain=True),
                Sign(("申请人（能够签名的）", "代为申请单位（盖章）")),
                Para("{day}", plain=True),
            ),
            FORM,
        ),
        _application,
        Of.MONITOR,
        numbered=False,
    ),
    DocType.MEDIATION_AGREEMENT: DocKind(
        Layout(
            "调解协议书",
            (
                Facts((("甲方", "{first}", "乙方", "{second}"), ("调解组织、调解员", "{mediator}"))),
                Head("一、事实、争议和责任"),
                Free("facts", "主要事实、争议事项、各方责任", 8),
                Head("二、协议内容"),
                Free("terms", "协议内容", 6),
                Head("三、履行方式和期限"),
                Rows("dues", (("what", "谁做什么", 70), ("due", "期限", 30)), 2),
                Para(
                    "本协议自各方签名、按指印之日起生效。依照《中华人民共和国人民调解法》第三十三条，双方可以自生效之日起三十日内共同申请司法确认。"
                ),
                Para("本协议一式三份，当事人各执一份，调解组织留存一份。"),
                Sign(("甲方（签名、指印）", "乙方（签名、指印）", "调解员")),
                Seal(day="{made}"),
            ),
            FORM,
        ),
        _agreement,
        Of.MONITOR,
        carried=True,
    ),
}
