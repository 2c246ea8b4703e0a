"""Who may take which step of a referral."""

from cases.choices import ReferralStatus, ReferralStep
from cases.models import Referral
from cases.permissions.case import is_above
from cases.workflow import REFERRAL_TRANSITIONS, referral_steps_from
from stations.models import Staff


def why_not_referral(user: Staff, step: ReferralStep, referral: Referral) -> str:
    """The same question for a step of a referral."""
    row = REFERRAL_TRANSITIONS[step]
    org = user.organisation
    if org is None or not user.may(row.needs):
        return "部门结果由分管领导确认。" if step is ReferralStep.CONFIRM else "您的角色不办理这一步。"
    if row.by_partner:
        return "" if referral.department_id == org.pk else "这一步由承办部门办理。"
    if referral.from_org_id == org.pk or referral.case.holder_id == org.pk or is_above(org, referral.case):
        return ""
    return "这一步由转出单位办理。"


def referral_steps_open_to(user: Staff, referral: Referral) -> tuple[ReferralStep, ...]:
    return tuple(
        step
        for step in referral_steps_from(ReferralStatus(referral.status))
        if step is not ReferralStep.SHUT and not why_not_referral(user, step, referral)
    )


def may_key_in_paper(user: Staff, referral: Referral) -> bool:
    """Our side keys in a paper answer for a department: same people who may send and withdraw."""
    return referral.status in ReferralStatus.with_partner and not why_not_referral(
        user, ReferralStep.LINK, referral
    )
