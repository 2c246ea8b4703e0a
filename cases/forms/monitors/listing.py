"""The filters of the list of monitors: codes only, so that they may stand in a URL."""

from django import forms

from cases.choices import MonitorKind

SHOWS = (
    ("unit", "本单位负责"),
    ("mine", "我负责"),
    ("late", "逾期"),
    ("all", "全部在办"),
    ("ended", "已结束"),
)


class MonitorFilter(forms.Form):
    show = forms.ChoiceField(required=False, choices=SHOWS, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *MonitorKind.choices])

    def chosen(self) -> dict[str, str]:
        """What was chosen; anything not on a list counts as not chosen: a URL is typed, shared and mangled."""
        self.is_valid()
        return {
            "show": self.cleaned_data.get("show") or "unit",
            "kind": self.cleaned_data.get("kind") or "",
        }
