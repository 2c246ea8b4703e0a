"""A petition agency on screen."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import agency as verbs
from cases.actions.monitors.monitor import change_keeper, finish
from cases.choices import AgencySide, MonitorOutcome, MonitorStep
from cases.forms.monitors.agency import (
    AgencyOpeningForm,
    AgentForm,
    ExtendForm,
    FinishForm,
    NoticeForm,
    OpinionForm,
    RefuseForm,
    ReviewForm,
    RevokeForm,
    SignForm,
    SubmitForm,
    TellForm,
)
from cases.forms.monitors.base import EndForm
from cases.models import Case, Monitor, PetitionAgency
from cases.views.monitors.kind import Fact, Kind, Opening, Screen, day
from stations.models import Staff


def _refused(case: Case) -> str:
    return "" if case.is_open else "案件已经办结，不能再提出代理。需要的，请先重新办理。"


def _submit(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.submit_agency(monitor, verbs.Handing(**told), by=by, at=at)


def _facts(monitor: Monitor) -> list[Fact]:
    """What is known; what has not come yet leaves no empty line."""
    told = monitor.agency
    known = [
        Fact("代理方式", told.get_mode_display()),
        Fact("委托日期", day(told.signed_on)),
        Fact("另一代理人", told.other_agent, secret=True),
        Fact("委托事项", told.matter, secret=True, wide=True),
        Fact("她的要求", told.wish, secret=True, wide=True),
        Fact("代理范围", told.scope, secret=True, wide=True),
        Fact("她交来的材料", told.papers, secret=True, wide=True),
        Fact("责任单位", told.body_told, secret=True),
        Fact("提交", _joined(day(told.submitted_on), told.get_submit_way_display())),
        Fact("介绍信编号", told.letter_number),
        Fact("提交的材料", told.handed_in, secret=True, wide=True),
        Fact("受理告知", _notice(told)),
        Fact("处理意见", _joined(day(told.opinion_on), told.opinion_number)),
        Fact("答复要点", told.answer, secret=True, wide=True),
        Fact("反馈委托人", day(told.told_on)),
        Fact("申请复查、复核", day(told.review_asked_on)),
        *_end(monitor, told),
    ]
    return [fact for fact in known if fact.value]


def _joined(*words: str) -> str:
    return "，".join(word for word in words if word)


def _notice(told: PetitionAgency) -> str:
    said = {None: "", True: "已受理", False: "不予受理"}[told.taken_up]
    return _joined(day(told.noticed_on), told.notice_number, said)


def _end(monitor: Monitor, told: PetitionAgency) -> list[Fact]:
    if monitor.is_open:
        return []
    side = AgencySide(told.revoked_by).label if told.revoked_by else ""
    ended = monitor.outcome in MonitorOutcome.of_agency
    return [
        Fact("不予代理的原因", told.get_refusal_display()),
        Fact("由谁解除", side),
        Fact("退回的材料", told.returned, secret=True, wide=True),
        Fact("委托人满意度", told.get_satisfaction_display() if ended else ""),
        Fact("站里支出", f"{told.cost}元" if ended else ""),
    ]


def _more(monitor: Monitor, at: datetime) -> dict[str, Any]:
    """The way as steps: what was done when, what is next."""
    told = monitor.agency
    known = [
        ("提出委托", monitor.started_at),
        ("签订委托书", told.signed_on),
        ("提交责任单位", told.submitted_on),
        ("收到告知、意见", told.opinion_on or told.noticed_on),
        ("反馈委托人", told.told_on),
        ("终结", told.ended_on),
    ]
    way: list[dict[str, Any]] = []
    for label, on in known:
        waits = monitor.is_open and not any(step["state"] == "now" for step in way)
        state = "done" if on else "now" if waits else "next" if monitor.is_open else "skipped"
        way.append({"label": label, "state": state, "on": on})
    return {"way": way}


KIND = Kind(
    opening=Opening(
        AgencyOpeningForm,
        verbs.open_agency,
        "站里代她向责任单位反映、递交、查询和接收答复。不收任何费用。三个工作日内由站长审核，签订委托书或者说明不予代理的原因。",
        _refused,
        button="提出委托",
    ),
    steps={
        MonitorStep.SIGN: Screen(
            SignForm,
            verbs.sign_agency,
            "签订后按本单位登记簿编代理号，再到“文书”打印委托书，一式两份签字盖章。",
            "已签订，已编代理号。请打印委托书，再提交责任单位。",
        ),
        MonitorStep.REFUSE: Screen(
            RefuseForm, verbs.refuse_agency, "选明原因，并当面或者打电话向她说明。", "已登记不予代理。"
        ),
        MonitorStep.SUBMIT: Screen(
            SubmitForm,
            _submit,
            "带上委托书和介绍信。责任单位应在十五日内书面告知是否受理（信访工作条例第23条）。提供了哪些信息会记入对外提供登记。",
            "已登记提交。十五日内没有告知会提醒。",
        ),
        MonitorStep.NOTICE: Screen(
            NoticeForm,
            verbs.receive_notice,
            "责任单位受理的，应在六十日内作出处理意见。三个工作日内告诉委托人。",
            "已登记。请在三个工作日内反馈委托人。",
        ),
        MonitorStep.OPINION: Screen(
            OpinionForm,
            verbs.receive_opinion,
            "处理意见、复查意见、复核意见都在这里登记。她不服的，收到之日起三十日内可以申请复查、复核。",
            "已登记。请在三个工作日内反馈委托人，并告诉她还能申请复查、复核。",
        ),
        MonitorStep.TELL: Screen(
            TellForm, verbs.tell_principal, "先确认她能安全说话，再告诉她结果，记下她的意见。", "已登记反馈。"
        ),
        MonitorStep.REVIEW: Screen(
            ReviewForm,
            verbs.ask_review,
            "要她本人提出，并重新签委托书。复查、复核机关应在三十日内作出意见（信访工作条例第35、36条）。",
            "已登记申请。三十日内没有意见会提醒。",
        ),
        MonitorStep.FINISH: Screen(
            FinishForm, verbs.finish_agency, "请她确认结果，记下满意度和站里的支出。", "代理已终结。"
        ),
        MonitorStep.EXTEND: Screen(
            ExtendForm, verbs.extend_agency, "要她本人同意并签字。", "期限已延长。", "延长代理期限"
        ),
        MonitorStep.REVOKE: Screen(
            RevokeForm,
            verbs.revoke_agency,
            "委托人和代理人都可以随时解除。把材料交还给她，写明退了什么。",
            "代理已解除，不再提醒。",
        ),
        MonitorStep.KEEPER: Screen(
            AgentForm,
            change_keeper,
            "期限和提醒从此归新的代理人。请她重新签委托书。",
            "已更换，并通知新的代理人。",
            "更换代理人",
        ),
        MonitorStep.END: Screen(
            EndForm,
            finish,
            "只用于建错了的。她不再委托的，请用“解除代理”。",
            "已注销，记录保留。",
            "注销误建",
        ),
    },
    primary=(
        *(MonitorStep.SIGN, MonitorStep.TELL, MonitorStep.NOTICE),
        *(MonitorStep.FINISH, MonitorStep.OPINION, MonitorStep.SUBMIT),
    ),
    ends=(MonitorOutcome.MISTAKE,),
    facts=_facts,
    template="monitors/_agency.html",
    more=_more,
    over="已期满。还要代理的，请登记延长代理期限",
)
