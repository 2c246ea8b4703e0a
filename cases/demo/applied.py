"""A protection order applied for on her behalf, at the court already; and a call whose result nobody wrote down."""

from datetime import datetime

from django.db.models import F

from cases.actions.monitors.order import (
    Wish,
    accept_application,
    add_evidence,
    file_application,
    open_application,
)
from cases.actions.safety.call import begin_call, numbers_to_dial
from cases.choices import ApplyGround, Evidence, MonitorKind, ProtectionMeasure, Status
from cases.demo.places import MAIN_COUNTY
from cases.models import Case
from stations.models import Organisation, Staff

EVIDENCE = (
    (Evidence.POLICE_RECORD, "报警回执，证明当晚报过警", "她姐姐保管"),
    (Evidence.MEDICAL, "卫生院门诊病历，证明手臂挫伤", "本站文件柜"),
    (Evidence.STATEMENT, "她的陈述，由接待人记录", "本站文件柜"),
)
FACTS = "被申请人近半年三次酒后殴打申请人，最近一次由派出所出警制止。申请人被看管，不能自行到法院申请。"


def apply_for_her(at: datetime) -> None:
    """On the two latest cases of violence in hand whose owner may be asked to: one each."""
    cases = Case.objects.filter(
        involves_dv=True,
        involves_minor=False,
        status=Status.HANDLING,
        county_code=MAIN_COUNTY,
        owner__is_active=True,
        owner__organisation=F("holder"),
    ).exclude(monitors__kind__in=(MonitorKind.PROTECTION_ORDER, MonitorKind.ORDER_APPLICATION))
    found = cases.select_related("owner__organisation", "holder", "station").order_by(
        "-received_at", "number"
    )
    able = [(case, case.owner) for case in found[:20] if case.owner and numbers_to_dial(case)]
    court = (
        Organisation.objects.active().filter(department_id="COURT", region_id=f"{MAIN_COUNTY:0<12}").first()
    )
    if len(able) < 2 or court is None:  # too small a city
        return
    (case, owner), (called, caller) = able[:2]
    _apply(case, owner, court, at)
    begin_call(called, numbers_to_dial(called)[0], by=caller, at=at)


def _apply(case: Case, owner: Staff, court: Organisation, at: datetime) -> None:
    measures = [ProtectionMeasure.NO_DV, ProtectionMeasure.NO_CONTACT, ProtectionMeasure.NO_LOOKUP]
    wish = Wish(ApplyGround.COERCED, measures, FACTS, ground_words="被看管，不能出门。", urgent=True)
    monitor = open_application(case, wish=wish, keeper=owner, by=owner, at=at)
    for kind, description, kept_at in EVIDENCE:
        add_evidence(monitor, kind=kind, description=description, kept_at=kept_at, by=owner, at=at)
    file_application(monitor, court=court, filed_at=at, by=owner, at=at)
    accept_application(monitor, accepted_at=at, court_number="（演示）民保令1号", by=owner, at=at)
