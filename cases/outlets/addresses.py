"""Where a message may be sent to: asked when an address is entered, and again each time something is sent there."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from cases.choices import OutletKind

KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
MASK = "••••"
WEB_PORTS = {"http": 80, "https": 443}


class AddressRefused(Exception):
    """Nothing is sent there; the message is a Chinese sentence."""


@dataclass(frozen=True)
class RobotHost:
    """Where the robots of one product live; the key is a parameter, or the last part of the path."""

    host: str
    path: str
    parameter: str = ""


ROBOTS = {
    OutletKind.WECOM: RobotHost("qyapi.weixin.qq.com", "/cgi-bin/webhook/send", "key"),
    OutletKind.DINGTALK: RobotHost("oapi.dingtalk.com", "/robot/send", "access_token"),
    OutletKind.FEISHU: RobotHost("open.feishu.cn", "/open-apis/bot/v2/hook/"),
}


def check_address(kind: str, address: str) -> None:
    """Raises AddressRefused."""
    if kind == OutletKind.MAIL:
        _check_mailbox(address)
    elif kind in ROBOTS:
        robot_key(kind, address)
    else:
        _check_web(address)


def robot_key(kind: str, address: str) -> str:
    """The key in the address of a robot, as its product shows it.

    Raises AddressRefused.
    """
    home = ROBOTS[OutletKind(kind)]
    parts = _split(address)
    key = ""
    if parts.scheme == "https" and parts.netloc == home.host:
        if home.parameter and parts.path == home.path:
            key = parse_qs(parts.query).get(home.parameter, [""])[0]
        elif not home.parameter and parts.path.startswith(home.path):
            key = parts.path.removeprefix(home.path).rstrip("/")
    if not KEY.fullmatch(key):
        raise AddressRefused(
            f"这不是{OutletKind(kind).label}的地址。请在群里打开机器人，把它的 Webhook 地址整行复制过来，"
            f"应以 https://{home.host}{home.path} 开头。"
        )
    return key


def mask_address(kind: str, address: str) -> str:
    """Enough to know it again, too little to use it."""
    if kind == OutletKind.MAIL:
        name, _, host = address.partition("@")
        return f"{name[:1]}{MASK}@{host}"
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}/{MASK}{address[-4:]}"


def _check_mailbox(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise AddressRefused("电子邮箱不对，应像 name@example.cn 这样。") from None


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise AddressRefused("这个地址读不懂，请整行复制过来。") from None
    if not address.isprintable() or " " in address:
        raise AddressRefused("地址里有空格或看不见的字符，请重新复制。")
    return parts


def _check_web(address: str) -> None:
    parts = _split(address)
    host = parts.hostname or ""
    if parts.scheme not in WEB_PORTS or not host or parts.username or parts.password or parts.fragment:
        raise AddressRefused("地址应像 https://example.cn/notify 这样，不带用户名和密码。")
    private = settings.OUTLETS_ALLOW_PRIVATE
    numbers = _numbers_of(host, parts.port or WEB_PORTS[parts.scheme])
    if parts.scheme == "http" and not (private and numbers and all(one.is_loopback for one in numbers)):
        raise AddressRefused("只能用 https 开头的地址，不加密的不行。")
    if not private and not all(one.is_global and not one.is_multicast for one in numbers):
        raise AddressRefused(
            "这个地址在本机或内部网络里。确实要发到内部网络，请运维人员设置 OUTLETS_ALLOW_PRIVATE=1。"
        )


def _numbers_of(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """What the name leads to from here. A name only the proxy knows leads nowhere, and the proxy decides."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    plain = {str(entry[4][0]).partition("%")[0] for entry in found}
    return [_unwrapped(ipaddress.ip_address(number)) for number in plain]


def _unwrapped(
    number: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """127.0.0.1 may be written ::ffff:127.0.0.1."""
    return (number.version == 6 and number.ipv4_mapped) or number
