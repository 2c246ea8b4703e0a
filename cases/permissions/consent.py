"""Whether what she consented to still carries passing something on."""

from collections.abc import Iterable

from django.db.models import Q

from cases.choices import ConsentScope, LegalBasis
from cases.deadlines import china_date
from cases.models import Case, Consent
from stations.models import Organisation

BY_CONSENT = (LegalBasis.CONSENT, LegalBasis.GUARDIAN_CONSENT)
NOT_ASKED = "请选择口头还是书面同意；没有征得同意的，不能以同意为依据提供。"


def rests_on_consent(basis: str, fields: Iterable[str]) -> bool:
    """Without a field nothing personal goes along, and no consent is asked."""
    return basis in BY_CONSENT and bool(list(fields))


def consent_for(
    case: Case, organisation: Organisation | None, *, fields: Iterable[str], basis: str
) -> Consent | None:
    """The newest live consent to giving this unit all of `fields`."""
    asked = set(fields)
    return next((row for row in _given(case, organisation, basis) if asked <= set(row.fields)), None)


def _given(case: Case, organisation: Organisation | None, basis: str) -> Iterable[Consent]:
    return (
        Consent.objects.live()
        .filter(Q(organisation=None) | Q(organisation=organisation), case=case, scope=ConsentScope.DISCLOSE)
        .filter(basis=basis)
        .order_by("-at", "-pk")
    )


def why_withdrawn(case: Case, organisation: Organisation | None) -> str:
    """Why consent carries nothing to this unit any more, in a sentence; empty while nothing was taken back, or when
    she has consented anew since."""
    concerns = Q(scope=ConsentScope.KEEP) | Q(organisation=None) | Q(organisation=organisation)
    taken_back = (
        Consent.objects.filter(concerns, case=case, withdrawn_at__isnull=False)
        .order_by("-withdrawn_at")
        .values_list("withdrawn_at", flat=True)
        .first()
    )
    if taken_back is None:
        return ""
    anew = Consent.objects.live().filter(concerns, case=case, scope=ConsentScope.DISCLOSE, at__gt=taken_back)
    if anew.exists():
        return ""
    day = china_date(taken_back)
    return (
        f"{day.month}月{day.day}日已撤回同意，不能再以同意为依据提供。她又同意的，先在案件页“登记同意”；"
        "依法必须提供或人有危险的，依据改选法定职责或紧急情况。"
    )
