"""On what ground she lets us keep and pass on what she told, and the log of everything that went out."""

from collections.abc import Iterable
from datetime import datetime

from cases.choices import DisclosureKind
from cases.models import Case, Consent, Disclosure, Referral
from stations.models import Organisation, Staff


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
