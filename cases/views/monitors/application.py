"""Applying for a protection order on her behalf, on screen."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import order as verbs
from cases.actions.monitors.order import Ruling, Wish
from cases.choices import (
    ApplyGround,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    ProtectionMeasure,
)
from cases.forms.monitors.application import (
    AcceptForm,
    ApplicationOpeningForm,
    DecideForm,
    EvidenceForm,
    FileForm,
)
from cases.models import Case, Monitor, OrderApplication
from cases.views.monitors.kind import Fact, Kind, Opening, Screen, moment
from stations.models import Staff

OBJECTING = "不服驳回的，她可以自裁定生效之日起五日内向作出裁定的法院申请复议一次（反家庭暴力法第31条）。请马上告诉她。"


def wish_of(told: dict[str, Any]) -> Wish:
    """The answers of a WishMixin as the verbs want them."""
    asked = {name: told[name] for name in ("facts", "ground_words", "consented", "urgent", "request")}
    measures = [ProtectionMeasure(one) for one in told["measures"]]
    return Wish(ground=ApplyGround(told["ground"]), measures=measures, **asked)


def _open(case: Case, *, keeper: Staff, by: Staff, at: datetime, **told: Any) -> Monitor:
    return verbs.open_application(case, wish=wish_of(told), keeper=keeper, by=by, at=at)


def _accept(monitor: Monitor, *, accepted_at: datetime, by: Staff, at: datetime, court_number: str) -> None:
    # What is typed has no seconds: the minute of filing is not before the filing.
    after = max(accepted_at, application_of(monitor).filed_at or accepted_at)
    verbs.accept_application(monitor, accepted_at=after, court_number=court_number, by=by, at=at)


def _decide(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    ruling = Ruling(
        issued=told["issued"] == "yes",
        decided_at=told["decided_at"],
        words=told["ruling"],
        number=told["number"],
        measures=[ProtectionMeasure(one) for one in told["measures"]],
        valid_until=told["valid_until"],
    )
    verbs.decide_application(monitor, ruling=ruling, by=by, at=at)


def application_of(monitor: Monitor) -> OrderApplication:
    found: OrderApplication = monitor.application
    return found


def _facts(monitor: Monitor) -> list[Fact]:
    application = application_of(monitor)
    measures = "、".join(ProtectionMeasure(one).label for one in application.measures)
    return [
        Fact("申请理由", application.get_ground_display(), wide=True),
        Fact("情况紧急", "是，24小时内裁定" if application.urgent else "否，72小时内裁定"),
        Fact("法院", application.court.name if application.court else "还没有递交"),
        Fact("递交", moment(application.filed_at) or "还没有递交"),
        Fact("受理", moment(application.accepted_at) or "还没有受理"),
        Fact("裁定", moment(application.decided_at) or "还没有裁定"),
        Fact("请求的措施", measures, secret=True, wide=True),
        Fact("其他请求", application.request or "没有", secret=True, wide=True),
        Fact("具体原因", application.ground_words, secret=True, wide=True),
        Fact("事实和理由", application.facts, secret=True, wide=True),
    ]


def _more(monitor: Monitor, at: datetime) -> dict[str, Any]:
    preparing = monitor.stage == MonitorStage.PREPARING
    return {
        "evidence": list(application_of(monitor).evidence.order_by("at", "pk")),
        "preparing": preparing,
        "objecting": OBJECTING if monitor.outcome == MonitorOutcome.DENIED else "",
    }


def _refused(case: Case) -> str:
    running = case.monitors.open().filter(kind=MonitorKind.ORDER_APPLICATION).exists()
    return "本案已经有一份正在办的代为申请，请在那一份上继续。" if running else ""


KIND = Kind(
    opening=Opening(
        ApplicationOpeningForm,
        _open,
        "她自己不能申请，或者年老、残疾、重病并且同意的，妇联可以代为申请（反家庭暴力法第23条）。",
        _refused,
    ),
    primary=(MonitorStep.DECIDE, MonitorStep.ACCEPT, MonitorStep.FILE, MonitorStep.EVIDENCE),
    steps={
        MonitorStep.EVIDENCE: Screen(
            EvidenceForm,
            verbs.add_evidence,
            "十一种证据都可以，不要求件件齐全；当事人陈述也算一项。",
            "证据已列入清单。",
            "添加证据",
        ),
        MonitorStep.FILE: Screen(
            FileForm,
            verbs.file_application,
            "递交后申请书不能再改，补交的证据另外登记。向法院提供了什么会记入本案的对外提供记录。",
            "已登记递交。法院受理后请登记受理时间。",
        ),
        MonitorStep.ACCEPT: Screen(
            AcceptForm, _accept, "从受理起计算法院裁定的期限。", "已登记受理，裁定期限已开始计算。"
        ),
        MonitorStep.DECIDE: Screen(
            DecideForm,
            _decide,
            "作出保护令的，马上开始回访；驳回的，马上告诉她可以申请复议。",
            "裁定已登记。",
        ),
    },
    facts=_facts,
    template="monitors/_application.html",
    more=_more,
)
