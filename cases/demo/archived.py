"""What the demonstration's archive holds: files of last year, one of them on hold, one judged by the first of two."""

from datetime import date, datetime

from cases.actions.archive import appraising, filing, holding
from cases.choices import Proposal, SecretLevel, Status
from cases.demo.places import MAIN_COUNTY, City
from cases.models import ArchiveFile, Case
from stations.models import Staff
from stations.roles import Role

FILES = 12
FONDS = "0123"


def keep_files(at: datetime) -> None:
    """After everything else has happened, on the eve of the demonstration."""
    city = City.read()
    county = city.federations[MAIN_COUNTY]
    keeper = city.with_role(county, Role.ARCHIVIST)[0]
    leader = city.with_role(county, Role.COUNTY_LEADER)[0]
    filing.set_fonds(county, number=FONDS, by=keeper, at=at)
    ended = Case.objects.filter(
        county_code=MAIN_COUNTY,
        status=Status.CLOSED,
        ended_at__year=at.year - 1,
        secrecy=SecretLevel.INTERNAL,
    )
    for case in ended.order_by("ended_at", "pk")[:FILES]:
        retention, _ = filing.proposed_class(case)
        filing.file_case(case, retention=retention, by=keeper, at=at)
    filing.make_waiting(at)
    files = list(
        ArchiveFile.objects.exclude(keep_until=None).select_related("case").order_by("-keep_until", "pk")
    )
    if len(files) > 1:
        holding.hold(files[0], reason="法院来函调卷，案件审理期间保留。", by=keeper, at=at)
        _judge_one(files[-1], by=leader, at=at)


def _judge_one(file: ArchiveFile, *, by: Staff, at: datetime) -> None:
    """No file of a city three years old has run out; this one is told as if it had, so that the step can be seen."""
    ArchiveFile.objects.filter(pk=file.pk).update(keep_until=date(at.year - 1, 12, 31))
    appraising.appraise(
        file, proposal=Proposal.DESTROY, years=0, words="咨询类事项，已无利用价值。", by=by, at=at
    )
