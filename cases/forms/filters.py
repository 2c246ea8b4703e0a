"""The filters of the worklist: codes only, so that they may stand in a URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from cases.choices import Risk, Status
from cases.models import CodeSet, code_items
from stations.choices import AdminLevel
from stations.models import Region, Staff

# Longer than all codes of one field together: not a choice of ours, and not worth keeping.
LONGEST_SAID = 60
SHOWS = ("mine", "open", "overdue", "ended")


Choices = tuple[tuple[str, str], ...]


class WorklistFilter(forms.Form):
    show = forms.CharField(required=False, widget=forms.HiddenInput)
    status = forms.ChoiceField(label="状态", required=False)
    risk = forms.ChoiceField(label="风险", required=False)
    category = forms.ChoiceField(label="类别", required=False)
    place = forms.ChoiceField(label="地方", required=False)
    flags = forms.MultipleChoiceField(
        label="涉及",
        required=False,
        choices=[("involves_dv", "家暴"), ("involves_minor", "未成年人"), ("is_litigation", "涉法涉诉")],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, places: Choices, tops: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [("", "全部"), *[(s.value, s.label) for s in Status]]  # type: ignore[attr-defined]
        self.fields["risk"].choices = [  # type: ignore[attr-defined]
            ("", "全部"), ("YELLOW", "黄色以上"), ("ORANGE", "橙色以上"), ("RED", Risk.RED.label),
        ]  # fmt: skip
        self.fields["category"].choices = [("", "全部"), *tops]  # type: ignore[attr-defined]
        if places:
            self.fields["place"].choices = [("", "全部"), *places]  # type: ignore[attr-defined]
        else:
            del self.fields["place"]

    def chosen(self) -> dict[str, Any]:
        """What was chosen; anything not on a list counts as not chosen: a URL is typed, shared and mangled."""
        self.is_valid()
        data = self.cleaned_data
        show = data.get("show", "")
        return {
            "show": show if show in SHOWS else "open",
            "status": data.get("status", ""),
            "risk": data.get("risk", ""),
            "category": data.get("category", ""),
            "place": data.get("place", ""),
            "flags": data.get("flags", []),
        }


@dataclass(frozen=True)
class Filter:
    """What was chosen, and the fields as HTML that show it."""

    chosen: Mapping[str, Any]
    html: SafeString


def read_filter(asked: QueryDict, user: Staff) -> Filter:
    tops = ((item.code, item.name) for item in code_items(CodeSet.MATTER_CATEGORY) if not item.parent)
    said = ((name, tuple(asked.getlist(name))) for name in WorklistFilter.base_fields)
    kept = ((name, values) for name, values in said if sum(map(len, values)) <= LONGEST_SAID)
    return _read(_places(user), tuple(tops), tuple(kept))


# Drawing the fields takes longer than finding the cases. They hold codes and names of places, nobody's data, and are
# the same for everybody of one place.
@lru_cache(maxsize=512)
def _read(places: Choices, tops: Choices, said: tuple[tuple[str, tuple[str, ...]], ...]) -> Filter:
    asked = MultiValueDict({name: list(values) for name, values in said})
    form = WorklistFilter(asked, places=places, tops=tops)
    chosen = MappingProxyType(form.chosen())
    return Filter(
        chosen, format_html_join("", "{}", ((bound.as_field_group(),) for bound in form.visible_fields()))
    )


def _places(user: Staff) -> Choices:
    """The places below the reader, for those who look after several."""
    org = user.organisation
    if org is None or org.level not in (AdminLevel.COUNTY, AdminLevel.CITY):
        return ()
    below = AdminLevel.TOWNSHIP if org.level == AdminLevel.COUNTY else AdminLevel.COUNTY
    rows = Region.objects.filter(pk__startswith=org.region.prefix, level=below, valid_to=None).order_by("pk")
    return tuple((code[: below.digits], name) for code, name in rows.values_list("pk", "name"))
