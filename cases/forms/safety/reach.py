"""How she is reached: one form for a new number, one for a number on file, one for the places.

Nothing on file is shown in these forms: what is left blank stays as it is, what is to go is ticked.
"""

from typing import Any

from django import forms

from cases.choices import PhoneSafety
from cases.forms.fields import ChoiceField, TextField
from cases.forms.persons import PhoneForm
from cases.models import Phone

KEPT = "留空表示不变。"


class ReachForm(forms.Form):
    """`seen` is how far the history was read when the page was drawn."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    empties: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.empties:
            label = self.fields[name].label
            self.fields[f"no_{name}"] = forms.BooleanField(label=f"清空{label}", required=False)
        own = [name for name in self.fields if not name.startswith("no_")]
        self.order_fields([each for name in own for each in (name, f"no_{name}")])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.empties:
            if data.get(name) and data.get(f"no_{name}"):
                self.add_error(name, "填了新的内容，请不要同时勾选清空。")
        return data

    def told(self) -> dict[str, Any]:
        """What changes: the fields that say something, and those that are to be empty."""
        said = {name: self.cleaned_data[name] for name in self.empties if self.cleaned_data.get(name)}
        return said | {name: "" for name in self.empties if self.cleaned_data.get(f"no_{name}")}


class NewPhoneForm(PhoneForm):
    """A further number, told as at the desk."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].required = True
        for name in ("hx-post", "hx-trigger", "hx-target"):
            self.fields["number"].widget.attrs.pop(name, None)


class PhoneChangeForm(ReachForm):
    safety = ChoiceField(label="这个号码能打吗", choices=PhoneSafety.choices, widget=forms.RadioSelect)
    hide_caller = forms.BooleanField(label="不要说明来电单位", required=False)
    window = TextField(label="方便接听的时间", required=False, max_length=60, help_text=KEPT)
    pass_phrase = TextField(label="暗语", required=False, max_length=60, help_text=KEPT)
    remark = TextField(
        label="接听人或说明", required=False, max_length=60, help_text=f"分机号、由谁接听。{KEPT}"
    )

    empties = ("window", "pass_phrase", "remark")

    def __init__(self, *args: Any, phone: Phone, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(safety=phone.safety, hide_caller=phone.hide_caller)
        super().__init__(*args, **kwargs)

    def told(self) -> dict[str, Any]:
        kept = {name: self.cleaned_data[name] for name in ("safety", "hide_caller")}
        return kept | super().told()


class PlacesForm(ReachForm):
    address_now = TextField(
        label="现在住处", required=False, help_text=f"只在本系统内，永远不上任何纸，也不给任何部门。{KEPT}"
    )
    address_papers = TextField(
        label="文书送达地址",
        required=False,
        help_text=f"寄给她的信往这里寄，对方可能拆信的地址不要填。{KEPT}",
    )
    work_place = TextField(label="单位或学校", required=False, help_text=KEPT)

    empties = ("address_now", "address_papers", "work_place")
