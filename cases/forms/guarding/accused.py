"""Whom an accusation must never reach: the unit in the system that is complained of, asked on the intake page."""

from typing import Any

from django import forms
from django.utils.functional import cached_property

from cases.choices import Nature
from cases.forms.fields import ChoiceField, TextField
from cases.forms.guarding.bars import units_around
from cases.forms.persons import PartForm
from stations.choices import OrgKind
from stations.models import Organisation

OUTSIDE, LISTED, UNKNOWN = "OUTSIDE", "LISTED", "UNKNOWN"
ANSWERS = [
    (OUTSIDE, "不是"),
    (LISTED, "是，单位在名单里"),
    (UNKNOWN, "是，但不在名单里或不清楚"),
]
# Accusations against officials.
ACCUSATIONS = "ACC_"


class AccusedForm(PartForm):
    """A plain answer and, where it is yes, the unit by its name; the list helps typing and works without scripts."""

    about = ChoiceField(
        label="反映的是系统内的单位或其工作人员吗",
        choices=ANSWERS,
        required=False,
        widget=forms.RadioSelect,
        help_text="妇联、维权站、公安、法院、民政等。选了单位，它从一开始就看不到这件，材料也转不过去。",
    )
    unit = TextField(
        label="被反映的单位",
        required=False,
        max_length=60,
        help_text="输几个字，从名单里选全称。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget.attrs |= {"list": "accused-units", "autocomplete": "off"}
        self.desk: Organisation | None = None

    def offer(self, desk: Organisation | None) -> None:
        self.desk = desk

    @cached_property
    def units(self) -> dict[str, Organisation]:
        """The units of her county and city, without village points but her own; read when the list is wanted."""
        if self.desk is None:
            return {}
        place = self.desk.county_code or self.desk.region_id[:4]
        return {
            one.name: one
            for one in units_around(place)
            if one.kind != OrgKind.VILLAGE_POINT or one.pk == self.desk.pk
        }

    @property
    def accused(self) -> Organisation | None:
        """Ask after is_valid()."""
        name = self.cleaned_data.get("unit", "")
        return self.units[name] if name else None

    def clean(self) -> dict[str, Any]:
        super().clean()
        about, name = self.cleaned_data.get("about"), self.cleaned_data.get("unit", "")
        if about != LISTED:
            self.cleaned_data["unit"] = ""
        elif not name:
            self.add_error("unit", "请从名单里选单位；不在名单里的，上面改选“不在名单里或不清楚”。")
        elif name not in self.units:
            self.add_error(
                "unit", "名单里没有这个单位，请从名单里选全称；没有的，上面改选“不在名单里或不清楚”。"
            )
        return self.cleaned_data

    def demand(self, *, nature: str, categories: tuple[str, ...]) -> None:
        """An accusation is not registered before somebody has said whether it is about one of us."""
        accuses = nature == Nature.ACCUSE or any(code.startswith(ACCUSATIONS) for code in categories)
        if accuses and not self.cleaned_data.get("about") and "about" not in self.errors:
            self.add_error("about", "检举控告须选清楚：反映的是不是系统内的单位或其工作人员。")
