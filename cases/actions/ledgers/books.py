"""Every ledger there is, in the order of the chooser."""

from cases.actions.ledgers.between import REFERRAL, SUPERVISION
from cases.actions.ledgers.care import DISPUTE, HARDSHIP
from cases.actions.ledgers.conference import CONFERENCE
from cases.actions.ledgers.ledger import Ledger
from cases.actions.ledgers.register import DV, HOTLINE, REGISTER
from cases.actions.ledgers.standing import ACTIVITY, STATION, VOLUNTEER
from cases.actions.ledgers.watch import AGENCY, FOLLOW_UP, MONITOR, REPORT
from stations.models import Staff

LEDGERS: dict[str, Ledger] = {
    ledger.code: ledger
    for ledger in (
        *(REGISTER, HOTLINE, DV, REFERRAL, SUPERVISION, AGENCY, DISPUTE, MONITOR, REPORT, FOLLOW_UP),
        *(CONFERENCE, VOLUNTEER, ACTIVITY, STATION, HARDSHIP),
    )
}


def ledgers_for(user: Staff) -> list[Ledger]:
    return [ledger for ledger in LEDGERS.values() if ledger.open_to(user)]
