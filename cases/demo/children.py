"""Compulsory reports in the demonstration: one the police have answered, one they have not, both made by a school."""

from datetime import datetime, time, timedelta
from uuid import UUID

from cases.actions.intake import IntakeEntry, PersonEntry, register_case
from cases.actions.monitors import report as verbs
from cases.actions.monitors.report import ReportEntry, ReportMade
from cases.choices import (
    Channel,
    MandatoryReportSituation,
    Nature,
    PersonRole,
    PetitionForm,
    PrivacyNotice,
    ReportTo,
    Risk,
    Sex,
)
from cases.demo.days import Days
from cases.models import Case, Monitor
from stations.models import Staff

CLERK = "zgy.jiedai"
SCHOOL, TEACHER = "中心小学（演示）", "班主任（演示）"
STATION_OF_POLICE = "派出所（演示）"
# How many cases there are more of for these reports.
REPORTED = 2


def report_children(days: Days) -> None:
    """A beaten child, answered by the police; a girl under fourteen, sealed, still waiting for them."""
    clerk = Staff.objects.select_related("organisation").get(username=CLERK)
    _beaten(clerk, datetime.combine(days.days[-8], time(10, 5), days.horizon.tzinfo))
    _harmed(clerk, datetime.combine(days.days[-2], time(15, 20), days.horizon.tzinfo))


def _beaten(clerk: Staff, at: datetime) -> None:
    entry = ReportEntry(
        (MandatoryReportSituation.MR4_BODY,),
        at,
        "四年级男孩，手臂、后背多处新旧伤，老师今早发现。孩子现在在学校，由老师陪着。",
        measures="已由老师送镇卫生院检查",
        guardian_suspected=True,
        guardian_because="孩子对老师说是父亲打的。",
    )
    monitor = _registered(clerk, at, "CHD_ABUSE", "学校发现学生身上多处伤，已通知我站。", entry, number=1)
    _report(monitor, clerk, at + timedelta(minutes=15))
    verbs.taken_up(
        monitor,
        taken_up_at=at + timedelta(hours=5),
        content="已受案，承办民警到校了解情况。",
        by=clerk,
        at=at + timedelta(hours=6),
    )
    verbs.answered(
        monitor,
        answered_at=at + timedelta(days=2),
        answer="已对其父出具告诫书，并责令接受家庭教育指导。",
        final=True,
        by=clerk,
        at=at + timedelta(days=2, minutes=20),
    )


def _harmed(clerk: Staff, at: datetime) -> None:
    entry = ReportEntry(
        (MandatoryReportSituation.MR2_GIRL_U14,),
        at,
        "六年级女孩，向老师说起邻居对她的侵害，孩子现在在学校，有女老师陪着。",
        measures="已告知老师不再追问，等公安到场",
    )
    monitor = _registered(clerk, at, "CHD_SEXUAL", "学校转来强制报告，只记已知的最少情况。", entry, number=2)
    _report(monitor, clerk, at + timedelta(minutes=8))


def _registered(
    clerk: Staff, at: datetime, category: str, facts: str, report: ReportEntry, *, number: int
) -> Monitor:
    unit = clerk.organisation
    assert unit is not None  # noqa: S101 – the demonstration gave her one
    child = PersonEntry(role=PersonRole.VICTIM, name=f"小童{number}", sex=Sex.UNKNOWN)
    told = IntakeEntry(
        submission=UUID(int=20_000 + number),
        channel=Channel.MANDATORY_IN,
        received_at=at,
        category=category,
        facts=facts,
        form=PetitionForm.UNIT,
        nature=Nature.HELP,
        involves_minor=True,
        risk=Risk.ORANGE,
        privacy_notice=PrivacyNotice.ORAL,
        source_unit=SCHOOL,
        source_person=TEACHER,
        parties=(PersonEntry(role=PersonRole.PETITIONER, name=SCHOOL), child),
        report=report,
    )
    case: Case = register_case(told, unit=unit, by=clerk, at=at)
    monitor: Monitor = case.monitors.reports().select_related("case").get()
    return monitor


def _report(monitor: Monitor, clerk: Staff, at: datetime) -> None:
    made = ReportMade(
        to=(ReportTo.POLICE,),
        reported_at=at,
        reported_by=clerk,
        report_unit=STATION_OF_POLICE,
        officer="值班民警",
        officer_phone="110",
        receipt_number=f"演示回执{at:%m%d%H%M}",
    )
    verbs.report_made(monitor, made, by=clerk, at=at + timedelta(minutes=5))
