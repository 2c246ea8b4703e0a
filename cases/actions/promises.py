"""What must never be: each promise of the house as one question to the database whose right answer is nothing.

Asked every night and by `manage.py check_promises`. Only ids leave this module.
"""
# ruff: noqa: S608 – every text here is put together from our own codes

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db import connection

from cases.actions.absence import POSTS
from cases.choices import (
    ClockFamily,
    ClockStart,
    ClockStatus,
    DeliveryStatus,
    PaperKind,
    Part,
    ReferralStatus,
    Status,
    SupervisionStatus,
    TaskStatus,
)
from cases.models import Event, Holding, PromiseCheck
from cases.workflow import ALWAYS_TIMED
from cases.workflow.holding import HOLDING_STEPS, Span, replay
from stations.choices import OrgKind
from stations.roles import GRANTS, Permission, Role

# More rows than this break one promise for one reason; the rest is found when the reason is gone.
MOST = 1000
SWEEP_LATE = timedelta(hours=1)
DELIVERY_LATE = timedelta(days=1)
SILENT = timedelta(days=60)
DRAFTS_GONE = timedelta(days=8)
# How far back the nightly check tells the holdings again from the events: the night before, and the one before that.
RETOLD = timedelta(days=2)

# The id of the row that breaks a promise, and the case it is about.
Found = list[tuple[str, str | None]]


@dataclass(frozen=True)
class Promise:
    """`sql` selects pairs of ids; its parameters are the names in `_values`."""

    code: str
    words: str
    remedy: str
    sql: str
    warning: bool = False


def _listed(values: Sequence[Any]) -> str:
    """Our own codes, as SQL writes them: a partial index is only used when the query names them itself."""
    return ", ".join(f"'{value}'" for value in map(str, values))


OPEN = _listed(Status.open_statuses)
ENDED = _listed(Status.ended_statuses)
LIVE = _listed(ClockStatus.live)
OUR_FAMILIES = _listed((ClockFamily.STATUTORY_OWN.value, ClockFamily.INTERNAL.value))
OPEN_REFERRAL = _listed(ReferralStatus.open_statuses)
WITH_PARTNER = _listed(ReferralStatus.with_partner)
HANDLES = _listed([role.value for role, grants in GRANTS.items() if Permission.CASE_HANDLE in grants])
OF_THE_CASE = "clock.referral_id IS NULL AND clock.supervision_id IS NULL AND clock.task_id IS NULL AND clock.monitor_id IS NULL"
LIVE_OF_THE_CASE = f"clock.case_id = c.id AND {OF_THE_CASE} AND clock.status IN ({LIVE})"

PROMISES = (
    Promise(
        "OWNERLESS",
        "在办案件都有承办人",
        "请承办单位负责人指定承办人。",
        f"SELECT c.id, c.id FROM cases_case c WHERE c.status IN ({OPEN}) AND c.owner_id IS NULL",
    ),
    Promise(
        "OWNER_GONE",
        "承办人都在岗",
        "承办人已停用：请单位负责人办理“一次性移交”。",
        f"""SELECT c.id, c.id FROM cases_case c JOIN stations_staff owner ON owner.id = c.owner_id
            WHERE c.status IN ({OPEN}) AND NOT owner.is_active""",
    ),
    Promise(
        "OWNER_BLIND",
        "承办人都看得到、办得了自己的案件",
        "承办人已调离或不再有办案的角色：请单位负责人办理“一次性移交”。",
        f"""SELECT c.id, c.id FROM cases_case c JOIN stations_staff owner ON owner.id = c.owner_id
            WHERE c.status IN ({OPEN}) AND owner.is_active
            AND (owner.organisation_id IS DISTINCT FROM c.holder_id
                 OR NOT owner.roles && ARRAY[{HANDLES}]::varchar[])""",
    ),
    Promise(
        "VISIT_ORPHAN",
        "该回访的案件都有人回访",
        "原承办人已停用或调离：请单位负责人办理“一次性移交”。",
        f"""SELECT DISTINCT c.id, c.id FROM cases_clock clock
            JOIN cases_case c ON c.id = clock.case_id
            LEFT JOIN stations_staff owner ON owner.id = c.owner_id
            WHERE (clock.code LIKE 'IN-VISIT%%' OR clock.code = 'IN-REVISIT') AND {OF_THE_CASE} AND clock.status = '{ClockStatus.RUNNING}'
            AND (owner.id IS NULL OR NOT owner.is_active
                 OR owner.organisation_id IS DISTINCT FROM c.holder_id)""",
    ),
    Promise(
        "HOLDING",
        "承办记录与案件一致",
        "请报告系统管理员。",
        f"""SELECT c.id, c.id FROM cases_case c
            LEFT JOIN cases_holding held
            ON held.case_id = c.id AND held.part = '{Part.OWNER}' AND held.until_at IS NULL
            WHERE c.status IN ({OPEN})
            AND (held.id IS NULL OR held.staff_id <> c.owner_id OR held.organisation_id <> c.holder_id)
            UNION ALL
            SELECT held.case_id, held.case_id FROM cases_holding held JOIN cases_case c ON c.id = held.case_id
            WHERE held.until_at IS NULL AND c.status IN ({ENDED})""",
    ),
    Promise(
        "CLOCKLESS",
        "在办案件都有我方的期限",
        "请报告系统管理员。",
        f"""SELECT c.id, c.id FROM cases_case c WHERE c.status IN ({OPEN})
            AND NOT EXISTS (SELECT FROM cases_clock clock WHERE {LIVE_OF_THE_CASE})
            AND NOT EXISTS (SELECT FROM cases_ledgerimportrow old WHERE old.case_id = c.id)""",
    ),
    Promise(
        "CLOCK_LEFT",
        "办结的案件只剩回访、送达和登记的法定期限",
        "请报告系统管理员。",
        f"""SELECT clock.id, c.id FROM cases_clock clock JOIN cases_case c ON c.id = clock.case_id
            JOIN cases_clockrule rule ON rule.id = clock.rule_id
            WHERE clock.status IN ({LIVE}) AND {OF_THE_CASE} AND c.status IN ({ENDED})
            AND (c.status IN ('{Status.MERGED}', '{Status.VOID}')
                 OR NOT (clock.code LIKE 'XF-NOTICE%%' OR rule.starts = '{ClockStart.PERSON}'
                         OR ((clock.code LIKE 'IN-VISIT%%' OR clock.code = 'IN-REVISIT') AND c.status = '{Status.CLOSED}')))""",
    ),
    Promise(
        "CLOCK_OF_ENDED",
        "销号的转交、督办、议定事项和结束的监测不再计时",
        "请报告系统管理员。",
        f"""SELECT clock.id, clock.case_id FROM cases_clock clock
            JOIN cases_referral thing ON thing.id = clock.referral_id
            WHERE clock.status IN ({LIVE}) AND thing.ended_at IS NOT NULL
            UNION ALL
            SELECT clock.id, clock.case_id FROM cases_clock clock
            JOIN cases_supervision thing ON thing.id = clock.supervision_id
            WHERE clock.status IN ({LIVE}) AND thing.ended_at IS NOT NULL
            UNION ALL
            SELECT clock.id, clock.case_id FROM cases_clock clock
            JOIN cases_task thing ON thing.id = clock.task_id
            WHERE clock.status IN ({LIVE}) AND thing.ended_at IS NOT NULL
            UNION ALL
            SELECT clock.id, clock.case_id FROM cases_clock clock
            JOIN cases_monitor thing ON thing.id = clock.monitor_id
            WHERE clock.status IN ({LIVE}) AND thing.ended_at IS NOT NULL""",
    ),
    Promise(
        "MONITOR_ORPHAN",
        "监测事项都有在岗的负责人",
        "负责人已停用、调离或不再有办案的角色：请单位负责人办理“一次性移交”，或更换负责人。",
        f"""SELECT monitor.id, monitor.case_id FROM cases_monitor monitor
            JOIN stations_staff keeper ON keeper.id = monitor.keeper_id
            WHERE monitor.ended_at IS NULL
            AND (NOT keeper.is_active OR keeper.organisation_id IS DISTINCT FROM monitor.unit_id
                 OR NOT keeper.roles && ARRAY[{HANDLES}]::varchar[])""",
    ),
    Promise(
        "MONITOR_UNTIMED",
        "查访、回访、庇护和协议监测都有期限",
        "请报告系统管理员。",
        f"""SELECT monitor.id, monitor.case_id FROM cases_monitor monitor
            WHERE monitor.ended_at IS NULL AND monitor.kind IN ({_listed(ALWAYS_TIMED)})
            AND NOT EXISTS (SELECT FROM cases_clock clock
                            WHERE clock.monitor_id = monitor.id AND clock.status IN ({LIVE}))""",
    ),
    Promise(
        "MONITOR_DUE_WRONG",
        "监测事项上的期限就是它最近的期限",
        "请报告系统管理员。",
        f"""SELECT monitor.id, monitor.case_id FROM cases_monitor monitor
            LEFT JOIN (
                SELECT clock.monitor_id, min(clock.effective_due) AS due FROM cases_clock clock
                WHERE clock.status = '{ClockStatus.RUNNING}' AND clock.monitor_id IS NOT NULL
                GROUP BY clock.monitor_id
            ) nearest ON nearest.monitor_id = monitor.id
            WHERE monitor.due_at IS DISTINCT FROM nearest.due""",
    ),
    Promise(
        "CLOCK_ALONE",
        "期限都有所属的案件",
        "请报告系统管理员。",
        "SELECT clock.id, NULL FROM cases_clock clock WHERE clock.case_id IS NULL AND clock.task_id IS NULL",
    ),
    Promise(
        "SWEEP_STILL",
        "到点的提醒都已发出",
        "提醒任务停了：请系统管理员检查后台任务（worker、beat）。",
        f"""SELECT clock.id, clock.case_id FROM cases_clock clock
            WHERE clock.status = '{ClockStatus.RUNNING}' AND clock.next_notice_at < %(sweep_late)s""",
    ),
    Promise(
        "DUE_WRONG",
        "案件上的期限就是我方最近的期限",
        "请报告系统管理员。",
        f"""SELECT c.id, c.id FROM cases_case c
            LEFT JOIN (
                SELECT clock.case_id, min(clock.effective_due) AS due FROM cases_clock clock
                WHERE clock.status = '{ClockStatus.RUNNING}' AND {OF_THE_CASE} AND clock.family IN ({OUR_FAMILIES})
                GROUP BY clock.case_id
            ) nearest ON nearest.case_id = c.id
            WHERE c.due_at IS DISTINCT FROM nearest.due""",
    ),
    Promise(
        "COUNTER",
        "未销号转交的件数没有数错",
        "请报告系统管理员。",
        f"""SELECT c.id, c.id FROM cases_case c
            LEFT JOIN (
                SELECT case_id, count(*) AS count FROM cases_referral WHERE status IN ({OPEN_REFERRAL})
                GROUP BY case_id
            ) referred ON referred.case_id = c.id
            WHERE c.open_referrals <> coalesce(referred.count, 0)""",
    ),
    Promise(
        "REFERRAL_UNTIMED",
        "发出的转交都有签收或反馈期限",
        "请报告系统管理员。",
        f"""SELECT referral.id, referral.case_id FROM cases_referral referral
            WHERE referral.status IN ('{ReferralStatus.SENT}', '{ReferralStatus.SIGNED}')
            AND NOT EXISTS (SELECT FROM cases_clock clock
                            WHERE clock.referral_id = referral.id AND clock.status IN ({LIVE}))""",
    ),
    Promise(
        "REFERRAL_SILENT",
        "签收后的转交没有石沉大海的",
        "部门已签收，六十天没有音讯，也没有期限在走：请转出单位催办或销号。",
        f"""SELECT referral.id, referral.case_id FROM cases_referral referral
            WHERE referral.status IN ({WITH_PARTNER}) AND referral.signed_at < %(silent)s
            AND NOT EXISTS (SELECT FROM cases_clock clock
                            WHERE clock.referral_id = referral.id AND clock.status IN ({LIVE}))
            AND NOT EXISTS (SELECT FROM cases_feedback feedback
                            WHERE feedback.referral_id = referral.id AND feedback.at >= %(silent)s)""",
    ),
    Promise(
        "DELIVERY_STUCK",
        "通知都发得出去",
        "发送任务停了：请系统管理员检查后台任务（worker、beat）和通知渠道。",
        f"""SELECT delivery.id, notice.case_id FROM cases_delivery delivery
            JOIN cases_notice notice ON notice.id = delivery.notice_id
            WHERE delivery.status = '{DeliveryStatus.WAITING}' AND delivery.next_at < %(delivery_late)s""",
    ),
    Promise(
        "SUPERVISION_UNTIMED",
        "发出的督办都有回复期限",
        "请报告系统管理员。",
        f"""SELECT supervision.id, supervision.case_id FROM cases_supervision supervision
            WHERE supervision.status IN ({_listed(SupervisionStatus.with_target)})
            AND supervision.stage IN ({_listed(PaperKind.answered)})
            AND NOT EXISTS (SELECT FROM cases_clock clock
                            WHERE clock.supervision_id = supervision.id AND clock.status IN ({LIVE}))""",
    ),
    Promise(
        "TASK_UNTIMED",
        "议定事项都有完成期限",
        "请报告系统管理员。",
        f"""SELECT task.id, item.case_id FROM cases_task task
            JOIN cases_resolution resolution ON resolution.id = task.resolution_id
            JOIN cases_agendaitem item ON item.id = resolution.item_id
            WHERE task.status = '{TaskStatus.ASSIGNED}'
            AND NOT EXISTS (SELECT FROM cases_clock clock
                            WHERE clock.task_id = task.id AND clock.status IN ({LIVE}))""",
    ),
    Promise(
        "DRAFT_OLD",
        "没登记完的草稿按期清除",
        "清理任务停了：请系统管理员检查后台任务（worker、beat）。",
        "SELECT draft.id, NULL FROM cases_intakedraft draft WHERE draft.saved_at < %(drafts_gone)s",
    ),
    Promise(
        "POST_VACANT",
        "有在办案件的单位都有负责人",
        "岗位空缺：请安全管理员任命，或由上级妇联安排。",
        f"""SELECT unit.id, NULL FROM stations_organisation unit
            WHERE unit.active AND unit.kind IN ('{OrgKind.STATION}', '{OrgKind.FEDERATION}')
            AND EXISTS (SELECT FROM cases_case c WHERE c.holder_id = unit.id AND c.status IN ({OPEN}))
            AND NOT EXISTS (
                SELECT FROM stations_staff head WHERE head.organisation_id = unit.id AND head.is_active
                AND head.roles && ARRAY[{_listed([Role.STATION_HEAD.value, *POSTS[OrgKind.FEDERATION]])}]::varchar[]
            )""",
        warning=True,
    ),
)
RETOLD_PROMISE = Promise("HOLDING_RETOLD", "承办记录与经过一致", "请报告系统管理员。", "")
# Asked by cases/statistics/figures/rollup.py, which knows how figures are counted.
FIGURES_PROMISE = Promise(
    "FIGURES",
    "统计数与重新清点一致",
    "统计数已与经过对不上：请报告系统管理员，运行 manage.py count_figures --anew。",
    "",
)
ALL = (*PROMISES, RETOLD_PROMISE, FIGURES_PROMISE)
WARNINGS = frozenset(promise.code for promise in ALL if promise.warning)


def check_promises(at: datetime, *, further: Mapping[str, Found] = MappingProxyType({})) -> PromiseCheck:
    """Ask every promise and keep what was found, and what others asked. Reads only, but for the one row that says so."""
    found = {promise.code: rows for promise in PROMISES if (rows := ask(promise, at))}
    if drifted := retold_otherwise(at - RETOLD):
        found[RETOLD_PROMISE.code] = drifted
    found |= {code: rows for code, rows in further.items() if rows}
    broken = sum(len(rows) for code, rows in found.items() if code not in WARNINGS)
    return PromiseCheck.objects.create(at=at, found=found, broken=broken)


def ask(promise: Promise, at: datetime) -> Found:
    """The rows that break one promise, in no order, at most `MOST` of them."""
    values = {
        "sweep_late": at - SWEEP_LATE,
        "delivery_late": at - DELIVERY_LATE,
        "silent": at - SILENT,
        "drafts_gone": at - DRAFTS_GONE,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{promise.sql} LIMIT {MOST}", values)
        return [(str(pk), str(case) if case else None) for pk, case in cursor.fetchall()]


def retold_otherwise(since: datetime) -> Found:
    """Cases handed on since then whose holdings are not what their events tell."""
    ids = (
        Event.objects.filter(step__in=HOLDING_STEPS, at__gte=since)
        .order_by("case")
        .values_list("case", flat=True)
        .distinct()
    )
    found: Found = [(str(pk), str(pk)) for pk in ids.iterator() if kept_spans(pk) != told_spans(pk)]
    return found[:MOST]


def told_spans(case: Any) -> list[tuple[Any, ...]]:
    """Who held the case, from its events alone."""
    events = Event.objects.filter(case=case).order_by("seq")
    return _sorted(replay(events.only("step", "at", "by", "unit", "to_status", "facts")))


def kept_spans(case: Any) -> list[tuple[Any, ...]]:
    """The same from the rows the verbs kept."""
    rows = Holding.objects.filter(case=case)
    return _sorted(
        Span(row.organisation_id, row.staff_id, row.part, row.since_at, row.until_at) for row in rows
    )


def _sorted(spans: Any) -> list[tuple[Any, ...]]:
    plain = [(span.since, span.part, span.staff, span.unit, span.until) for span in spans]
    return sorted(plain, key=lambda span: (*span[:4], span[4] is None, span[4] or span[0]))
