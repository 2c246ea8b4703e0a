"""What a row of any table of steps looks like, and what is said when there is no such row."""

from dataclasses import dataclass

from cases.choices import ReferralStatus, Status, SupervisionStatus
from stations.roles import Permission


class StepNotAllowed(Exception):
    """The table has no such step from here. The message is a Chinese sentence fit for the screen."""


@dataclass(frozen=True)
class Transition:
    """Who may take a step, from where, and where it leads; no target means the case stays where it is."""

    needs: Permission
    sources: tuple[Status, ...]
    target: Status | None = None


@dataclass(frozen=True)
class ReferralTransition:
    """The same for a referral; `by_partner` says which side of the table takes the step."""

    needs: Permission
    sources: tuple[ReferralStatus, ...]
    target: ReferralStatus | None = None
    by_partner: bool = False


@dataclass(frozen=True)
class SupervisionTransition:
    """The same for a supervision; `by_target` says that the supervised unit takes the step."""

    needs: Permission
    sources: tuple[SupervisionStatus, ...]
    target: SupervisionStatus | None = None
    by_target: bool = False
