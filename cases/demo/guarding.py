"""Who must not know, in the invented city: two declarations, one clerk who stepped back, one department complained of."""

from datetime import datetime

from cases.actions.guarding.bars import bar_unit, recuse
from cases.choices import BarKind, Status
from cases.demo.places import MAIN_COUNTY
from cases.models import Case
from stations.actions.ties import declare_tie
from stations.choices import AdminLevel, OrgKind, TieKind
from stations.models import Organisation, Staff

WORKABLE = (Status.ACCEPTED, Status.HANDLING)
WHY_SHE_STEPPED_BACK = "信访人是我的表妹，由我办不合适。"
WHY_THEY_MUST_NOT_KNOW = "信访人反映派出所民警处置不当，材料不得转给被反映单位。"


def keep_apart(at: datetime) -> None:
    """Through the verbs of the desk, on open cases of the main county that no department has at the moment."""
    cases = Case.objects.filter(
        county_code=MAIN_COUNTY,
        status__in=WORKABLE,
        level=AdminLevel.TOWNSHIP,
        open_referrals=0,
        holder__kind=OrgKind.STATION,
    ).select_related("owner", "holder__region", "station__region")
    hers, theirs = list(cases.order_by("-number")[:2])
    assert hers.owner is not None  # noqa: S101 – an open case has one
    _declare(hers.owner, at)
    recuse(hers, reason=WHY_SHE_STEPPED_BACK, by=hers.owner, at=at)
    county = f"{MAIN_COUNTY:0<12}"
    police = Organisation.objects.get(region=county, department="POLICE", kind=OrgKind.DEPARTMENT)
    officer = Staff.objects.working().filter(organisation__region=county, roles__contains=["COUNTY_OFFICER"])
    bar_unit(
        theirs,
        police,
        kind=BarKind.ACCUSED,
        reason=WHY_THEY_MUST_NOT_KNOW,
        by=officer.order_by("pk")[0],
        at=at,
    )


def _declare(clerk: Staff, at: datetime) -> None:
    """Herself and her husband; order numbers 000 are never given out."""
    declare_tie(clerk, kind=TieKind.SELF, name=clerk.name, phone=clerk.mobile, at=at)
    declare_tie(clerk, kind=TieKind.SPOUSE, name="鲁大有", id_number="410423198507150008", at=at)
