"""What is asked at each step of a file: its class, a hold, the two opinions, its end."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import ArchiveStep, Proposal, Retention
from cases.forms.fields import ChoiceField, IntegerField, TextField
from cases.forms.step import EMPTY
from cases.models import ArchiveFile

NO_NAMES = "不要写当事人姓名：意见和登记永久保存。"
YES_NO = (("yes", "同意"), ("no", "不同意"))


class FilingForm(forms.Form):
    """The class may be higher than proposed, never lower."""

    retention = ChoiceField(label="保管期限", choices=())

    def __init__(self, *args: Any, proposed: Retention, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("retention", proposed.value)
        super().__init__(*args, **kwargs)
        offered = sorted((one for one in Retention if one.rank >= proposed.rank), key=lambda one: one.rank)
        self.fields["retention"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]

    def clean_retention(self) -> Retention:
        return Retention(self.cleaned_data["retention"])


class FondsForm(forms.Form):
    number = TextField(label="全宗号", max_length=12, help_text="同级档案馆给本单位的编号，如0123。")

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].upper()
        if not re.fullmatch(r"[0-9A-Z]{1,12}", number):
            raise ValidationError("全宗号只有数字和字母，请核对。")
        return number


class ArchiveForm(forms.Form):
    """One step of one file."""

    button: ClassVar[str] = ""
    explain: ClassVar[str] = ""

    def __init__(self, *args: Any, file: ArchiveFile, **kwargs: Any) -> None:
        self.file = file
        super().__init__(*args, **kwargs)


class RefileForm(ArchiveForm):
    button = "续卷"
    explain = "重新办理以后形成的文件并入原卷，档号不变，整卷重新成卷。"


class ReclassForm(ArchiveForm):
    button = "调整保管期限"
    explain = "提高的立即生效并换发新档号；降低的要写明理由，由另一个人复核后生效。"

    retention = ChoiceField(label="新的保管期限", choices=[EMPTY, *Retention.choices])
    words = TextField(label="理由", rows=3, required=False, help_text="降低时必须填写。")

    def clean_retention(self) -> Retention:
        return Retention(self.cleaned_data["retention"])


class LoweringForm(ArchiveForm):
    button = "提交复核"
    explain = "有人申请降低这卷档案的保管期限，请核对理由。申请人和承办人不能复核。"

    granted = ChoiceField(label="是否同意降低", choices=YES_NO, widget=forms.RadioSelect)
    opinion = TextField(label="复核意见", rows=3)

    def clean_granted(self) -> bool:
        return bool(self.cleaned_data["granted"] == "yes")


class HoldForm(ArchiveForm):
    button = "暂停销毁"
    explain = "有诉讼、复查、调查等需要时使用。解除以前，这卷档案任何人都不能销毁。"

    reason = TextField(label="原因", rows=3)


class ReleaseForm(ArchiveForm):
    button = "解除暂停销毁"
    explain = "解除以后，保管期满的仍要两个人鉴定才能销毁。"

    because = TextField(label="为什么解除", rows=3)


class AppraiseForm(ArchiveForm):
    button = "提出意见"
    explain = "保管期满的档案由两个人鉴定：您提出意见，另一个人复核。承办过案件的人不能鉴定。"

    proposal = ChoiceField(label="意见", choices=Proposal.choices, widget=forms.RadioSelect)
    years = IntegerField(
        label="延长几年", required=False, min_value=1, max_value=30, help_text="从今年算起，延长保管时填写。"
    )
    words = TextField(label="理由", rows=4, help_text=NO_NAMES)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("proposal") == Proposal.EXTEND and not data.get("years"):
            self.add_error("years", "请填写延长几年。")
        data["years"] = data.get("years") or 0
        return data


class SecondForm(ArchiveForm):
    button = "提交复核意见"
    explain = "请独立判断。提出意见的人和承办人不能复核。"

    agreed = ChoiceField(label="是否同意", choices=YES_NO, widget=forms.RadioSelect)
    words = TextField(label="复核意见", rows=3, help_text=NO_NAMES)

    def clean_agreed(self) -> bool:
        return bool(self.cleaned_data["agreed"] == "yes")


class DestroyForm(ArchiveForm):
    button = "销毁"
    explain = "销毁后不能恢复：笔录、姓名、电话、办理内容、文书和案卷全部清空，只留案号、档号、日期、类别、件次人次和鉴定登记。"

    number = TextField(label="请照抄档号", max_length=60)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number != self.file.number:
            raise ValidationError("与这卷档案的档号不同，请核对。")
        return number


class DownloadForm(forms.Form):
    purpose = TextField(label="用途", max_length=100)


FORMS: dict[ArchiveStep, type[ArchiveForm]] = {
    ArchiveStep.REFILE: RefileForm,
    ArchiveStep.RECLASS: ReclassForm,
    ArchiveStep.HOLD: HoldForm,
    ArchiveStep.RELEASE: ReleaseForm,
    ArchiveStep.APPRAISE: AppraiseForm,
    ArchiveStep.SECOND: SecondForm,
    ArchiveStep.DESTROY: DestroyForm,
}
