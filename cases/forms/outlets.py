"""The ways out of the house."""

from typing import Any

from django import forms

from cases.choices import OutletKind
from cases.models import Outlet
from cases.outlets import AddressRefused, check_address, mask_address
from stations.forms.staff import OrganisationField

SHORTEST_SECRET = 16
PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class OutletForm(forms.Form):
    """Unit and kind are settled when an outlet is made; address and secret are never shown again."""

    organisation = OrganisationField(help_text="短信渠道也管本地区没有自己渠道的下级单位。")
    kind = forms.ChoiceField(label="渠道", choices=[("", "请选择"), *OutletKind.choices])
    name = forms.CharField(label="名称", max_length=40, help_text="自己认得就行，如“权益部工作群”。")
    address = forms.CharField(
        label="地址",
        max_length=500,
        help_text="群机器人的 Webhook 地址、短信网关或其他系统的 https 地址、单位邮箱。",
        widget=forms.TextInput(attrs=PLAIN),
    )
    secret = forms.CharField(
        label="签名密钥",
        max_length=200,
        required=False,
        help_text="钉钉、飞书机器人开了“加签”的，短信网关的，填在这里；其他不用填。",
        widget=forms.TextInput(attrs=PLAIN),
    )

    def __init__(self, *args: Any, outlet: Outlet | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outlet = outlet
        organisation = self.fields["organisation"]
        assert isinstance(organisation, OrganisationField)  # noqa: S101 – narrows the type
        organisation.choices = organisation.grouped()
        if outlet is not None:
            self._keep(outlet)

    def _keep(self, outlet: Outlet) -> None:
        del self.fields["organisation"], self.fields["kind"]
        shown = mask_address(outlet.kind, outlet.address)
        self.fields["address"].required = False
        self.fields["address"].help_text = f"现在是 {shown}。不换就留空。"
        kept = "换了地址要重新填，不然就没有密钥了。" if outlet.kind == OutletKind.WEBHOOK else ""
        self.fields["secret"].help_text = f"{'已经有了' if outlet.secret else '现在没有'}。不换就留空。{kept}"

    def clean_secret(self) -> str:
        return str(self.cleaned_data["secret"]).strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = self.outlet.kind if self.outlet else data.get("kind")
        if kind and (address := data.get("address")):
            try:
                check_address(kind, address)
            except AddressRefused as refused:
                self.add_error("address", str(refused))
        secret = data.get("secret", "")
        needed = kind == OutletKind.SMS and (self.outlet is None or secret)
        if needed and len(secret) < SHORTEST_SECRET:
            self.add_error("secret", f"短信网关要有签名密钥，至少{SHORTEST_SECRET}个字符，两边填一样的。")
        return data
