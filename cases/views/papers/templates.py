"""文书模板: a federation's own Word templates."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions.papers.templates import add_template, mark_tried, use_ours, use_template
from cases.choices import DocType
from cases.documents import KINDS, TemplateRefused, fill_docx, meanings, our_template, sample
from cases.documents.layout import COMMON
from cases.forms.papers.paper import TemplateForm
from cases.models import DocTemplate
from cases.views.access import require
from cases.views.papers.doors import attachment
from cases.views.papers.papers import doc_type_of, slug_of
from cases.workflow import StepNotAllowed
from stations.choices import OrgKind
from stations.http import StaffRequest
from stations.models import Organisation
from stations.roles import Permission

OURS = 0


def _owner(request: StaffRequest) -> Organisation:
    """The federation whose templates the reader keeps. Raises PermissionDenied."""
    require(request.user, Permission.DOC_TEMPLATES)
    unit = request.user.organisation
    if unit is None or unit.kind != OrgKind.FEDERATION:
        raise PermissionDenied("文书模板由县级以上妇联更换。")
    return unit


@require_GET
def doc_templates(request: StaffRequest) -> HttpResponse:
    owner = _owner(request)
    used = dict(DocTemplate.objects.filter(owner=owner, in_use=True).values_list("doc_type", "version"))
    rows = [
        (doc_type.label, slug_of(doc_type), used.get(doc_type)) for doc_type in DocType if doc_type in KINDS
    ]
    return render(request, "papers/templates.html", {"owner": owner, "rows": rows})


@require_http_methods(["GET", "POST"])
def doc_template(request: StaffRequest, slug: str) -> HttpResponse:
    """One document's template: what may be written in it, its versions, a new one."""
    owner, doc_type = _owner(request), doc_type_of(slug)
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["docx"].read()
            made = add_template(owner, doc_type, content=content, by=request.user, at=timezone.now())
        except TemplateRefused as refusal:
            form.add_error("docx", str(refusal))
        else:
            messages.success(request, f"第{made.version}版已上传。请试打一次，看过样张再启用。")
            return redirect("doc_template", slug)
    status = 422 if request.method == "POST" else 200
    return render(request, "papers/template.html", _context(owner, doc_type, slug, form), status=status)


def _context(owner: Organisation, doc_type: DocType, slug: str, form: TemplateForm) -> dict[str, Any]:
    told, lists = meanings(doc_type), KINDS[doc_type].layout.lists()
    plain = [name for name in told if name not in lists and name not in COMMON]
    versions = (
        DocTemplate.objects.filter(owner=owner, doc_type=doc_type).defer("docx").select_related("made_by")
    )
    listed = list(versions.order_by("-version"))
    return {
        "label": doc_type.label,
        "slug": slug,
        "form": form,
        "places": [(name, told[name]) for name in (*COMMON, *sorted(plain))],
        "lists": [(name, told[name], columns) for name, columns in sorted(lists.items())],
        "versions": listed,
        "ours": not any(row.in_use for row in listed),
    }


def _version(
    request: StaffRequest, slug: str, version: int
) -> tuple[Organisation, DocType, DocTemplate | None]:
    """The version asked for; none where it is ours. Raises Http404."""
    owner, doc_type = _owner(request), doc_type_of(slug)
    if doc_type not in KINDS:
        raise Http404
    if version == OURS:
        return owner, doc_type, None
    rows = DocTemplate.objects.select_related("owner")
    return owner, doc_type, get_object_or_404(rows, owner=owner, doc_type=doc_type, version=version)


@require_GET
def doc_template_file(request: StaffRequest, slug: str, version: int) -> HttpResponse:
    """The template itself, to be changed in WPS or Word."""
    _, doc_type, found = _version(request, slug, version)
    content = bytes(found.docx) if found else our_template(doc_type)
    return attachment(content, f"{doc_type.label}模板第{version}版.docx")


@require_http_methods(["GET", "POST"])
def doc_template_try(request: StaffRequest, slug: str, version: int) -> HttpResponse:
    """What comes out of it, with invented data: filled once to see that it can be, then there to be looked at."""
    _, doc_type, found = _version(request, slug, version)
    content = fill_docx(bytes(found.docx) if found else our_template(doc_type), sample(doc_type))
    if request.method == "GET":
        return attachment(content, f"{doc_type.label}样张第{version}版.docx")
    if found:
        mark_tried(found, at=timezone.now())
    messages.success(request, "试打好了。请下载样张，看过再启用。")
    return redirect("doc_template", slug)


@require_POST
def doc_template_use(request: StaffRequest, slug: str, version: int) -> HttpResponse:
    owner, doc_type, found = _version(request, slug, version)
    try:
        if found:
            use_template(found)
        else:
            use_ours(owner, doc_type)
    except StepNotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            f"{doc_type.label}今后用{f'第{version}版' if found else '系统自带的模板'}。已经制发的不变。",
        )
    return redirect("doc_template", slug)
