"""Changing how she is reached: a number, what to mind about it, where she is and where papers may go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.actions.intake import PhoneEntry
from cases.actions.safety.call import parties_to_reach
from cases.actions.safety.reach import Change, add_phone, change_phone, change_places
from cases.choices import Step
from cases.forms.safety.reach import NewPhoneForm, PhoneChangeForm, PlacesForm
from cases.models import Case, Party, Person, Phone
from cases.views.access import get_case
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest
from weiquan.masking import mask_name, mask_phone


@dataclass(frozen=True)
class Task:
    """What is changed now: the form for it, its heading, and the verb."""

    title: str
    form: forms.Form
    take: Callable[[Change], object]


@require_http_methods(["GET", "POST"])
def reach(request: StaffRequest, number: str) -> HttpResponse:
    """Without a choice the list of her people; `phone`, `new` or `places` in the address opens one form."""
    case = get_case(request, number, to=Step.REACH)
    parties = parties_to_reach(case)
    task = _task(request, case, parties)
    if task is None:
        if request.method == "POST":
            raise Http404
        return render(request, "safety/reach.html", {"case": case, "people": _people(parties)})
    if request.method == "GET":
        return _page(request, case, task)
    if not task.form.is_valid():
        return _page(request, case, task, status=422)
    seen = task.form.cleaned_data["seen"]
    try:
        task.take(Change(case, seen, request.user, timezone.now()))
    except StepNotAllowed as refusal:
        task.form.add_error(None, str(refusal))
        return _page(request, get_case(request, number), task, status=409)
    messages.success(request, "联系方式已更新。改了哪一项已记入经过，原来的内容不再保留。")
    return redirect(reverse("reach", args=[case.number]))


def _page(request: StaffRequest, case: Case, task: Task, *, status: int = 200) -> HttpResponse:
    """The form beside the case as it is now: whoever was told of a change and presses again means it."""
    if task.form.is_bound:
        typed = QueryDict(mutable=True)
        typed.update(task.form.data)
        typed["seen"] = str(case.seq)
        task.form.data = typed
    context = {"case": case, "task": task, "form": task.form}
    return render(request, "safety/reach_form.html", context, status=status)


def _task(request: StaffRequest, case: Case, parties: list[Party]) -> Task | None:
    people = {str(party.person_id): party for party in parties}
    phones = {str(phone.pk): phone for party in parties for phone in _phones(party)}
    asked = request.GET
    if "phone" in asked:
        return _change_phone(request, case, phones.get(asked["phone"]))
    for name, make in (("new", _new_phone), ("places", _places)):
        if name in asked:
            party = people.get(asked[name])
            if party is None or party.person is None:
                raise Http404
            return make(request, case, party, party.person)
    return None


def _told(request: HttpRequest, case: Case) -> dict[str, Any]:
    return {"data": request.POST if request.method == "POST" else None, "initial": {"seen": case.seq}}


def _change_phone(request: HttpRequest, case: Case, phone: Phone | None) -> Task:
    if phone is None:
        raise Http404
    form = PhoneChangeForm(**_told(request, case), phone=phone)
    return Task(
        f"修改电话 {mask_phone(phone.number)}",
        form,
        lambda change: change_phone(change, phone, told=form.told()),
    )


def _new_phone(request: HttpRequest, case: Case, party: Party, person: Person) -> Task:
    form = NewPhoneForm(**_told(request, case), today=timezone.localdate())

    def take(change: Change) -> object:
        said = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        return add_phone(change, person, entry=PhoneEntry(**said))

    return Task(f"新增电话：{_name(party)}", form, take)


def _places(request: HttpRequest, case: Case, party: Party, person: Person) -> Task:
    form = PlacesForm(**_told(request, case))
    return Task(
        f"修改地址和单位：{_name(party)}",
        form,
        lambda change: change_places(change, person, told=form.told()),
    )


def _people(parties: list[Party]) -> list[dict[str, Any]]:
    return [
        {
            "pk": party.person_id,
            "name": _name(party),
            "phones": [(phone, mask_phone(phone.number)) for phone in _phones(party)],
            "has_now": bool(party.person and party.person.address_now),
            "has_papers": bool(party.person and party.person.address_papers),
        }
        for party in parties
    ]


def _name(party: Party) -> str:
    name = party.person.name if party.person else ""
    return f"{party.get_role_display()} {mask_name(name) if name else '未具名'}"


def _phones(party: Party) -> list[Phone]:
    return list(party.person.phones.all()) if party.person else []
