"""Who must not know: recused and barred, named readers of a sealed case, and who broke in with a reason."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q

from cases.choices import BarKind
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField


class BarQuerySet(models.QuerySet["Bar"]):
    def live(self) -> Self:
        return self.filter(lifted_at=None)


@dataclass(frozen=True)
class Barred:
    """Who has no part in a case: these people, and everybody in these units. `person in barred` asks for one."""

    people: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()

    def __contains__(self, person: object) -> bool:
        return isinstance(person, Staff) and (
            person.pk in self.people or person.organisation_id in self.units
        )

    def __bool__(self) -> bool:
        return bool(self.people or self.units)

    def besides(self, who: Staff | Organisation) -> "Barred":
        """The same with one more."""
        if isinstance(who, Staff):
            return Barred(self.people | {who.pk}, self.units)
        return Barred(self.people, self.units | {who.pk})


NOBODY = Barred()


class Bar(SealedModel):
    """One person, or one unit with everybody in it, kept away from one case: she cannot open, own, approve it, nor
    be told of it. Source: 信访工作条例 (2022) 第28条第3款, 第30条第3款."""

    PERSONAL = ("reason", "lifted_because")

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="bars")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="bars", null=True, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="bars", null=True, blank=True)
    kind = models.CharField("原因", max_length=10, choices=BarKind)
    reason = SealedTextField("说明", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_because = SealedTextField("解除原因", blank=True, default="")

    objects = BarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回避、屏蔽"
        constraints = [
            models.CheckConstraint(
                condition=Q(staff=None, organisation__isnull=False)
                | Q(staff__isnull=False, organisation=None),
                name="bar_of_person_or_unit",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="bar_lifted_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["case", "staff"], condition=Q(lifted_at=None), name="bar_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["case", "organisation"], condition=Q(lifted_at=None), name="bar_once_per_unit"
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "case"], condition=Q(lifted_at=None), name="bar_live_staff"),
            models.Index(fields=["organisation", "case"], condition=Q(lifted_at=None), name="bar_live_unit"),
        ]

    def __str__(self) -> str:
        return f"bar {self.pk}"

    @property
    def who(self) -> str:
        """The person with her unit, or the unit."""
        if self.staff is None:
            return str(self.organisation)
        unit = self.staff.organisation
        return f"{self.staff.name}，{unit.name}" if unit else self.staff.name


LIVE_BARS = (
    "SELECT case_id, staff_id, organisation_id FROM cases_bar WHERE lifted_at IS NULL AND case_id = ANY(%s)"
)


def barred_from(*cases: Any) -> Barred:
    """Who has no part in any one of these cases (ids); one query, none without a case."""
    rows = [row for found in _bars(cases).values() for row in found]
    return _barred(rows) if rows else NOBODY


def barred_from_each(cases: Iterable[Any]) -> dict[Any, Barred]:
    """The same for many cases apart, by id; who has none is not in it."""
    return {case: _barred(rows) for case, rows in _bars(cases).items()}


def _bars(cases: Iterable[Any]) -> dict[Any, list[tuple[int | None, int | None]]]:
    found: dict[Any, list[tuple[int | None, int | None]]] = defaultdict(list)
    ids = list({case for case in cases if case is not None})
    if ids:
        # Asked before every notice: putting it together would take the ORM longer than PostgreSQL takes to answer.
        with connection.cursor() as cursor:
            cursor.execute(LIVE_BARS, [ids])
            for case, person, unit in cursor.fetchall():
                found[case].append((person, unit))
    return found


def _barred(rows: list[tuple[int | None, int | None]]) -> Barred:
    return Barred(
        frozenset(person for person, _ in rows if person), frozenset(unit for _, unit in rows if unit)
    )


def not_barred(user: Staff, case: str = "case") -> Q:
    """The rows about a case (`case` is the way to its id) from which nobody keeps `user` or her unit away.

    Two conditions joined by AND: of an OR under a NOT the database would make no anti-join.
    """
    live = Bar.objects.live().filter(case=OuterRef(case))
    free = ~Q(Exists(live.filter(staff=user)))
    if user.organisation_id is None:
        return free
    return free & ~Q(Exists(live.filter(organisation=user.organisation_id)))


class CaseReader(SealedModel):
    """One of the named readers of a sealed case, besides those who hold a part in it.

    Source: 未成年人网络保护条例 第36条 (approval, access recorded), adopted generally.
    """

    PERSONAL = ("reason",)

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="readers")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    reason = SealedTextField("原因", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "封存案件查阅人"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "staff"], condition=Q(until_at=None), name="reader_once_per_case"
            ),
            models.CheckConstraint(
                condition=Q(until_at=None, ended_by=None) | Q(until_at__gte=F("since_at")),
                name="reader_in_order",
            ),
        ]
        indexes = [models.Index(fields=["staff", "case"], condition=Q(until_at=None), name="reader_live")]

    def __str__(self) -> str:
        return f"reader {self.pk}"


class EmergencyAccessQuerySet(models.QuerySet["EmergencyAccess"]):
    def live(self, at: datetime) -> Self:
        return self.filter(until_at__gt=at)

    def unjudged(self) -> Self:
        return self.filter(judged_at=None)


class EmergencyAccess(SealedModel):
    """Somebody opened a case that is closed to her, for some hours and with a reason (破门查看). The owner and the
    security administrators are told in the same transaction; somebody above judges it afterwards."""

    PERSONAL = ("reason", "finding")

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="emergency_accesses")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reason = SealedTextField("原因")
    at = models.DateTimeField()
    until_at = models.DateTimeField()
    judge = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="由哪个单位核实"
    )
    justified = models.BooleanField("核实结论：确有必要", null=True, blank=True)
    finding = SealedTextField("核实说明", blank=True, default="")
    judged_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "破门查看"
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("at")), name="emergency_access_in_order"),
            models.CheckConstraint(
                condition=Q(justified=None, judged_by=None, judged_at=None)
                | Q(justified__isnull=False, judged_by__isnull=False, judged_at__isnull=False),
                name="emergency_access_judged_by_whom_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "case", "until_at"], name="emergency_access_live"),
            models.Index(fields=["case", "-at"], name="emergency_access_recent"),
            models.Index(fields=["judge"], condition=Q(judged_at=None), name="emergency_access_unjudged"),
        ]

    def __str__(self) -> str:
        return f"emergency access {self.pk}"


class ReadsReview(models.Model):
    """One week of one unit: what others read of its cases, and what its people read of others', waits to be gone
    through by its head. Stays on the desk until then."""

    PERSONAL: tuple[str, ...] = ()

    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    week_on = models.DateField("周一")
    told_at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField("核对时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "查阅核对"
        constraints = [
            models.UniqueConstraint(fields=["unit", "week_on"], name="reads_review_once_a_week"),
            models.CheckConstraint(
                condition=Q(by=None, at=None) | Q(by__isnull=False, at__isnull=False),
                name="reads_review_by_whom_and_when",
            ),
        ]
        indexes = [models.Index(fields=["unit"], condition=Q(at=None), name="reads_review_open")]

    def __str__(self) -> str:
        return f"reads of unit {self.unit_id} {self.week_on}"
