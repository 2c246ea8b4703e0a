"""A federation's own Word templates: checked when they come, tried before they are used, kept in versions."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from cases.actions.papers.issue import sha256
from cases.choices import DocType
from cases.documents import KINDS, check_template
from cases.models import DocTemplate
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff

NOT_TRIED = "请先试打一次，看过样张再启用。"


def _hold(owner: Organisation) -> None:
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)


@transaction.atomic
def add_template(
    owner: Organisation, doc_type: DocType, *, content: bytes, by: Staff, at: datetime
) -> DocTemplate:
    """Take in a new version; it is not used yet.

    Raises: TemplateRefused with a sentence.
    """
    check_template(content, KINDS[doc_type].layout)
    _hold(owner)
    latest = DocTemplate.objects.filter(owner=owner, doc_type=doc_type).aggregate(top=Max("version"))["top"]
    return DocTemplate.objects.create(
        owner=owner,
        doc_type=doc_type,
        version=(latest or 0) + 1,
        docx=content,
        digest=sha256(content),
        made_by=by,
        made_at=at,
    )


def mark_tried(template: DocTemplate, *, at: datetime) -> None:
    """Somebody has seen what comes out of it."""
    DocTemplate.objects.filter(pk=template.pk, tried_at=None).update(tried_at=at)


@transaction.atomic
def use_template(template: DocTemplate) -> None:
    """From now on the federation's units issue with this version; an earlier one can be taken back the same way.

    Raises StepNotAllowed before it was tried.
    """
    _hold(template.owner)
    template.refresh_from_db(fields=["tried_at"])
    if template.tried_at is None:
        raise StepNotAllowed(NOT_TRIED)
    use_ours(template.owner, DocType(template.doc_type))
    DocTemplate.objects.filter(pk=template.pk).update(in_use=True)


def use_ours(owner: Organisation, doc_type: DocType) -> None:
    """Back to the template that comes with the system."""
    DocTemplate.objects.filter(owner=owner, doc_type=doc_type, in_use=True).update(in_use=False)
