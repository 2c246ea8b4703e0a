"""What the demonstration shows of consent and disclosure: two told by hand, two emergency accesses, one judged."""

from datetime import datetime

from cases.actions.guarding.break_in import break_in, judge_break_in
from cases.actions.guarding.consent import record_disclosure
from cases.choices import DisclosureKind, ExtractField, LegalBasis, Status
from cases.demo.places import MAIN_TOWNSHIP, City
from cases.models import Case
from stations.models import Staff
from stations.roles import Role

NEIGHBOUR = "410423101"
REASONS = (
    "她姐姐来电说人被锁在家里联系不上，要马上知道怎样安全联系",
    "孩子在学校门口走失，老师说妈妈来过妇联，要马上联系家人",
)
TOLD = (
    (DisclosureKind.ORAL, "村妇联主席", "请她照看孩子两天", "临时照看孩子"),
    (DisclosureKind.PAPER, "县医院社工部", "伤情照片复印件2张", "协助就医"),
)


def guard(at: datetime) -> None:
    """After everything else has happened, on the eve of the demonstration."""
    city = City.read()
    station, neighbour = city.stations[MAIN_TOWNSHIP], city.stations[NEIGHBOUR]
    cases = list(
        Case.objects.filter(
            holder=station, status__in=(Status.ACCEPTED, Status.HANDLING), involves_minor=False
        )
        .select_related("owner", "holder__region", "station__region")
        .order_by("received_at", "pk")[: len(TOLD)]
    )
    for case, (kind, who, what, why) in zip(cases, TOLD, strict=False):
        record_disclosure(
            case,
            kind=kind,
            organisation=None,
            recipient=who,
            what=what,
            fields=[ExtractField.NAME],
            basis=LegalBasis.EMERGENCY,
            purpose=why,
            by=_one(city.with_role(station, Role.STATION_CLERK)),
            at=at,
        )
    if cases:
        readers = [_one(city.with_role(neighbour, role)) for role in (Role.STATION_CLERK, Role.STATION_HEAD)]
        known, _ = [
            break_in(cases[0], reason=reason, by=reader, at=at)
            for reader, reason in zip(readers, REASONS, strict=True)
        ]
        head = _one(city.with_role(station, Role.STATION_HEAD))
        judge_break_in(known, justified=True, finding="核实情况属实，已报警。", by=head, at=at)


def _one(people: list[Staff]) -> Staff:
    return people[0]
