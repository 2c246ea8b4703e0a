"""The ledgers of what is found and looked after in villages: family disputes met on rounds, women and children in need.

Both are read from ordinary records, so that nobody writes a visit down twice.
"""

from typing import Any

from django.db.models import Prefetch, QuerySet

from cases.actions.ledgers import people as of
from cases.actions.ledgers.ledger import Entry, Ledger, Scope, day, hidden, joined
from cases.actions.ledgers.register import category, ended_on, last, needs, owner, result
from cases.choices import Channel, PersonRole
from cases.deadlines import china_date
from cases.models import (
    Case,
    CodeSet,
    Contact,
    FollowUp,
    HandlingRecord,
    Party,
    ServicePlan,
    Statement,
    code_names,
)
from stations.models import Staff
from weiquan.masking import HIDDEN

# Whom the federations keep a list of; what needs more silence than a list gives (illness of the mind, HIV, drugs) is not
# among them.
IN_NEED = (
    *("LEFT_BEHIND_WOMAN", "LEFT_BEHIND_CHILD", "WIDOWED", "SINGLE_PARENT", "DISABLED", "POOR"),
    *("SERIOUS_ILLNESS", "ORPHAN", "DE_FACTO_ORPHAN", "DIFFICULT_CHILD", "TRAFFICKED"),
)


def _on_case() -> "tuple[Prefetch[Any], ...]":
    return (
        of.with_people("case__"),
        Prefetch("case__handling", HandlingRecord.objects.order_by("happened_at", "pk"), "work"),
        Prefetch("case__follow_ups", FollowUp.objects.order_by("happened_at", "pk"), "visits"),
    )


def disputes(user: Staff, scope: Scope) -> QuerySet[Contact]:
    return (
        Contact.objects.filter(case__in=Case.objects.visible_to(user), unit__in=scope.units)
        .filter(channel=Channel.OUTREACH)
        .select_related("case__owner", "unit", "received_by")
        .prefetch_related(*_on_case())
    )


def _householder(row: Any) -> Party | None:
    return of.petitioner(row.case)


def _family(row: Any) -> list[Party]:
    first = _householder(row)
    return [one for one in row.case.people if first is None or one.pk != first.pk]


def _done(case: Any) -> str:
    return joined(one.get_method_display() for one in case.work)


def _times(case: Any) -> str:
    return f"{len(case.work) + len(case.visits)}次"


DISPUTE = Ledger(
    code="DISPUTE",
    name="矛盾纠纷排查台账",
    basis="婚姻家庭矛盾纠纷排查化解；一次走访排查发现为一行",
    moment="received_at",
    rows=disputes,
    case_of=lambda row: row.case,
    notes=("户主栏为反映人；走访频次为办理记录和回访的次数；成因不在系统中登记，需要时手填。",),
    entries=(
        day("日期", lambda row: china_date(row.received_at)),
        Entry("村/网格", lambda row: row.unit.name, width=22),
        Entry(
            "户主",
            lambda row: of.name_of(_householder(row)),
            masked=lambda row: of.masked_name(_householder(row)),
            width=10,
        ),
        Entry(
            "家庭成员",
            lambda row: joined(of.with_relation(one) for one in _family(row)),
            masked=lambda row: joined(of.masked_with_relation(one) for one in _family(row)),
            width=20,
        ),
        Entry("纠纷类型", lambda row: category(row.case), width=24),
        Entry("成因", lambda row: "", width=16),
        Entry("风险色", lambda row: row.case.get_risk_display(), width=8),
        Entry("首次发现人", lambda row: row.received_by.name, width=10),
        Entry("包保人", lambda row: owner(row.case), width=10),
        Entry("化解措施", lambda row: _done(row.case), width=24),
        Entry("走访频次", lambda row: _times(row.case), width=8),
        Entry("结果", lambda row: result(row.case), width=14),
        day("销号", lambda row: ended_on(row.case)),
    ),
)


def in_need(user: Staff, scope: Scope) -> QuerySet[Party]:
    plans = ServicePlan.objects.order_by("at", "pk")
    texts = Statement.objects.filter(corrected_by=None).order_by("at", "pk")
    return (
        Party.objects.filter(case__in=Case.objects.visible_to(user), case__station__in=scope.units)
        .filter(role__in=(PersonRole.PETITIONER, PersonRole.VICTIM), person__characteristics__overlap=IN_NEED)
        .select_related("person", "employer", "case__owner")
        .prefetch_related(*_on_case(), Prefetch("case__service_plans", plans, "plans"))
        .prefetch_related(Prefetch("case__statements", texts, "said"))
    )


def _kinds(row: Any) -> str:
    names = code_names(CodeSet.CHARACTERISTIC)
    return joined(names.get(code, code) for code in row.person.characteristics if code in IN_NEED)


def _guardian(row: Any) -> Party | None:
    return of.party(row.case, PersonRole.GUARDIAN)


def _wanted(row: Any) -> str:
    return joined(said.demand for said in row.case.said)


def _change(row: Any) -> str:
    visit = last(row.case.visits)
    return f"{china_date(visit.happened_at).isoformat()} {visit.get_result_display()}" if visit else ""


HARDSHIP = Ledger(
    code="HARDSHIP",
    name="困境妇女儿童台账",
    basis="《妇女权益保障法》、《未成年人保护法》对困境妇女、困境儿童的关爱帮扶；登记信息中有困境情形的人一件一行",
    moment="case__received_at",
    rows=in_need,
    case_of=lambda row: row.case,
    notes=("需求按个案服务方案，没有方案的按她的诉求；频次为办理记录和回访的次数。",),
    entries=(
        Entry("姓名(代号)", of.name_of, masked=of.masked_name, width=10),
        hidden("类别", _kinds, 18),
        Entry(
            "监护",
            lambda row: of.with_relation(_guardian(row)),
            masked=lambda row: of.masked_with_relation(_guardian(row)),
            width=16,
        ),
        Entry(
            "需求",
            lambda row: needs(row.case) or _wanted(row),
            masked=lambda row: needs(row.case) or (HIDDEN if _wanted(row) else ""),
            width=24,
        ),
        Entry("帮扶人", lambda row: owner(row.case), width=10),
        Entry("措施", lambda row: _done(row.case), width=24),
        Entry("频次", lambda row: _times(row.case), width=8),
        Entry("变化", _change, width=22),
    ),
)
