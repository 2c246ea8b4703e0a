"""On what ground she lets us keep and pass on what she told, and the log of everything that went out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from cases.choices import (
    ConsentBy,
    ConsentScope,
    ConsentWay,
    DisclosureKind,
    ExtractField,
    LegalBasis,
    NoticeKind,
    Step,
)
from cases.models import Case, Consent, Disclosure, Referral, ReferralLink
from cases.notifications import announce, people
from cases.permissions import NOT_ASKED, consent_for, rests_on_consent, why_withdrawn
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff
from stations.roles import Role

NOTHING_LIVE = "没有可以撤回的同意：可能刚刚已由别人登记撤回。"


@dataclass(frozen=True)
class Ground:
    """On what the keeping of a case rests, as said at the desk."""

    basis: LegalBasis = LegalBasis.CONSENT
    given_by: ConsentBy = ConsentBy.SELF
    way: ConsentWay = ConsentWay.ORAL
    guardian_because: str = ""


def keeping(case: Case, ground: Ground, *, by: Staff, at: datetime) -> Consent:
    """The ground on which a case is kept, not yet written: it goes in with the registration."""
    return Consent(
        case=case,
        scope=ConsentScope.KEEP,
        basis=ground.basis,
        given_by=ground.given_by,
        way=ground.way,
        guardian_because=ground.guardian_because,
        by=by,
        at=at,
    )


@transaction.atomic
def give_consent(
    case: Case,
    *,
    scope: ConsentScope,
    given_by: ConsentBy,
    way: ConsentWay,
    by: Staff,
    at: datetime,
    organisation: Organisation | None = None,
    fields: Iterable[str] = (),
    purpose: str = "",
) -> Consent:
    """Write down that she, or who speaks for a child, agrees: to keeping, or to passing on to one unit or to any.

    Source: 个人信息保护法 第14、23、29、31条.
    Raises StepNotAllowed.
    """
    basis = LegalBasis.GUARDIAN_CONSENT if given_by == ConsentBy.GUARDIAN else LegalBasis.CONSENT
    facts = {"scope": scope, "basis": basis, "organisation": organisation.pk if organisation else None}
    case.record(Step.CONSENT, by=by, at=at, facts=facts | {"fields": sorted(fields)}, note=purpose)
    return Consent.objects.create(
        case=case,
        scope=scope,
        organisation=organisation,
        basis=basis,
        given_by=given_by,
        way=way,
        fields=sorted(fields),
        purpose=purpose,
        by=by,
        at=at,
    )


@transaction.atomic
def withdraw_consent(case: Case, *, consents: Iterable[UUID], words: str, by: Staff, at: datetime) -> int:
    """She takes consents back: nothing more is passed on by them, and open referrals that rest on them show the
    department no personal data any longer. Returns how many referrals that were.

    What was passed on before was lawful then and stays in the log.
    Source: 个人信息保护法 第15条.
    Raises StepNotAllowed.
    """
    asked = list(consents)
    case.record(Step.WITHDRAW_CONSENT, by=by, at=at, note=words, facts={"consents": sorted(map(str, asked))})
    gone = list(Consent.objects.live().select_for_update(no_key=True).filter(case=case, pk__in=asked))
    if not gone:
        raise StepNotAllowed(NOTHING_LIVE)
    for consent in gone:
        consent.withdrawn_at, consent.withdrawn_by, consent.withdrawn_words = at, by, words
        consent.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_words"])
    withheld = _withhold(case, gone, at)
    announce(NoticeKind.CONSENT_GONE, case, [case.owner], at=at)
    return withheld


def _withhold(case: Case, consents: list[Consent], at: datetime) -> int:
    """Close the extracts of the open referrals that rest on these consents, and tell their departments."""
    resting = Disclosure.objects.filter(
        case=case, kind=DisclosureKind.REFERRAL, consent__in=consents, referral__isnull=False
    )
    found = list(
        Referral.objects.open()
        .filter(pk__in=resting.values("referral"), withheld_at=None)
        .select_related("department", "liaison", "signed_by", "handler")
        .order_by("pk")
    )
    ids = [referral.pk for referral in found]
    ReferralLink.objects.filter(referral__in=ids, used_at=None, revoked_at=None).update(revoked_at=at)
    # A page still open at the department is told that the referral has changed.
    Referral.objects.filter(pk__in=ids).update(withheld_at=at, version=F("version") + 1)
    for referral in found:
        announce(NoticeKind.CONSENT_GONE, case, _department_side(referral), at=at, about=referral)
    return len(found)


def _department_side(referral: Referral) -> list[Staff]:
    named = (referral.handler, referral.signed_by, referral.liaison)
    theirs = [person for person in named if person and person.organisation_id == referral.department_id]
    return theirs or people(referral.department, Role.PARTNER_LIAISON)


def consent_to_pass_on(
    case: Case,
    organisation: Organisation,
    *,
    fields: Iterable[str],
    basis: LegalBasis,
    consented: str,
    purpose: str,
    by: Staff,
    at: datetime,
) -> Consent | None:
    """The consent that carries giving `fields` to this unit; where she has just consented (`consented` is a
    ConsentWay), it is written down now. Nothing where another ground carries it.

    Raises StepNotAllowed when it would rest on a consent that was never given or has been taken back.
    """
    fields = list(fields)
    if not rests_on_consent(basis, fields):
        return None
    if (live := consent_for(case, organisation, fields=fields, basis=basis)) is not None:
        return live
    if words := why_withdrawn(case, organisation):
        raise StepNotAllowed(words)
    if not consented:
        raise StepNotAllowed(NOT_ASKED)
    guardian = basis == LegalBasis.GUARDIAN_CONSENT
    # No step of its own: the step that passes it on says on what ground.
    return Consent.objects.create(
        case=case,
        scope=ConsentScope.DISCLOSE,
        basis=basis,
        given_by=ConsentBy.GUARDIAN if guardian else ConsentBy.SELF,
        way=ConsentWay(consented),
        organisation=organisation,
        fields=sorted(fields),
        purpose=purpose,
        by=by,
        at=at,
    )


@transaction.atomic
def record_disclosure(
    case: Case,
    *,
    kind: DisclosureKind,
    organisation: Organisation | None,
    recipient: str,
    what: str,
    fields: Iterable[ExtractField],
    basis: LegalBasis,
    purpose: str,
    by: Staff,
    at: datetime,
) -> Disclosure:
    """Write down what was told by word of mouth or given on paper. It has happened: a missing consent is not a reason
    to leave it out of the log, the page says that there is none.

    Raises StepNotAllowed.
    """
    facts = {"kind": kind, "basis": basis, "organisation": organisation.pk if organisation else None}
    case.record(Step.DISCLOSE, by=by, at=at, facts=facts | {"fields": sorted(fields)}, note=purpose)
    consent = consent_for(case, organisation, fields=fields, basis=basis)
    return disclose(
        case,
        kind,
        by=by,
        at=at,
        organisation=organisation,
        recipient=recipient,
        what=what,
        fields=fields,
        basis=basis,
        consent=consent,
        purpose=purpose,
    )


def disclose(
    case: Case,
    kind: DisclosureKind,
    *,
    by: Staff | None,
    at: datetime,
    organisation: Organisation | None = None,
    recipient: str = "",
    what: str = "",
    fields: Iterable[str] = (),
    basis: str = "",
    consent: Consent | None = None,
    purpose: str = "",
    referral: Referral | None = None,
) -> Disclosure:
    """Write one line into the log of what went out: to whom, what, on which ground and what for.

    Called by every door out, in the transaction that opens it. `fields` are codes of ExtractField; what has no code
    (a paper, a report) is named in `what`. `by` is empty when a department opened it by its link.
    Source: 个人信息保护法 第55、56条; 网络数据安全管理条例 第12条.
    """
    return Disclosure.objects.create(
        case=case,
        kind=kind,
        organisation=organisation,
        recipient=recipient,
        what=what,
        fields=sorted(fields),
        basis=basis,
        consent=consent,
        purpose=purpose,
        referral=referral,
        by=by,
        at=at,
    )
