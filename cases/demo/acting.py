"""Three petition agencies: one to be decided on, one at the body that has to answer, one brought to its end."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F

from cases.actions.monitors.agency import (
    Handing,
    finish_agency,
    open_agency,
    receive_notice,
    receive_opinion,
    sign_agency,
    submit_agency,
    tell_principal,
)
from cases.choices import AgencyMode, MonitorOutcome, Satisfaction, SecretLevel, Status, SubmitWay, VisitWay
from cases.deadlines import china_date
from cases.demo.places import MAIN_COUNTY
from cases.models import Case, Monitor
from cases.models.guarding import barred_from
from cases.notifications import heads
from stations.models import Organisation

DAY = timedelta(days=1)
SCOPE = "代为向有关机关反映情况、递交材料、查询办理进度、接收书面答复。"


def act_for_them(at: datetime) -> None:
    """On the three oldest matters in hand, whose owners there are and whose unit has a head."""
    found = Case.objects.filter(
        status=Status.HANDLING,
        county_code=MAIN_COUNTY,
        secrecy=SecretLevel.INTERNAL,
        owner__is_active=True,
        owner__organisation=F("holder"),
    ).select_related("owner__organisation__region", "holder__region", "station")
    oldest = found.exclude(consents__withdrawn_at__isnull=False).order_by("received_at", "number")
    able = [case for case in oldest[:40] if heads(case.holder)]
    for case, days in zip(able, (40, 12, 1), strict=False):  # fewer in a small city
        if case.received_at < at - (days + 1) * DAY:
            _begin(case, at, days)


def _begin(case: Case, at: datetime, days: int) -> None:
    owner = case.owner
    assert owner is not None  # noqa: S101 – asked for with an owner
    found = open_agency(
        case,
        applied_on=china_date(at - days * DAY),
        matter="向责任单位反映诉求，请求书面答复。",
        mode=AgencyMode.SUBMIT,
        wish="按政策解决，给一个书面说法。",
        keeper=owner,
        by=owner,
        at=at,
    )
    if days > 1:
        _hand_in(found, at, days)
    if days > 20:
        _end(found, at, days)


def _hand_in(found: Monitor, at: datetime, days: int) -> None:
    head = heads(found.unit)[0]
    sign_agency(
        found,
        signed_on=china_date(at - (days - 1) * DAY),
        term_on=china_date(at + 60 * DAY),
        mode=AgencyMode.SUBMIT,
        scope=SCOPE,
        papers="身份证复印件一份\n情况说明一份",
        by=head,
        at=at,
    )
    around = Organisation.objects.departments_for(found.unit)
    body = around.exclude(pk__in=barred_from(found.case_id).units).first()
    handing = Handing(
        submitted_on=china_date(at - (days - 2) * DAY),
        way=SubmitWay.IN_PERSON,
        papers="信访代理委托书一份\n情况说明一份",
        body=body,
        body_name="" if body else "（示例）责任单位",
    )
    submit_agency(found, handing, by=found.keeper, at=at)


def _end(found: Monitor, at: datetime, days: int) -> None:
    agent = found.keeper
    noticed, decided, told = (china_date(at - (days - passed) * DAY) for passed in (10, 34, 35))
    number = f"（示例）受告〔{noticed.year}〕3号"
    receive_notice(found, received_on=noticed, taken_up=True, number=number, by=agent, at=at)
    answer = "同意解决，已通知经办单位。"
    number = f"（示例）意见〔{decided.year}〕8号"
    receive_opinion(found, received_on=decided, answer=answer, number=number, by=agent, at=at)
    tell_principal(found, told_on=told, way=VisitWay.MEET, view="满意，没有别的要求。", by=agent, at=at)
    finish_agency(
        found,
        outcome=MonitorOutcome.SUPPORTED,
        words="责任单位支持她的要求。",
        satisfaction=Satisfaction.SATISFIED,
        cost=Decimal("26.00"),
        by=agent,
        at=at,
    )
