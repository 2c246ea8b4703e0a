"""Small pieces that stand dozens of times on a page: written here because a filter or an include for each is slow.

Built into every template (settings.TEMPLATES). Moments arrive in local time.
"""

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

register = template.Library()


@register.filter(expects_localtime=True)
def day(value: date | None) -> str:
    """2026年11月21日"""
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


@register.filter(expects_localtime=True)
def short_day(value: date | None) -> str:
    """11月21日"""
    return f"{value.month}月{value.day}日" if value else ""


@register.filter(expects_localtime=True)
def iso_day(value: date | None) -> str:
    """2026-11-21"""
    return f"{value.year}-{value.month:02}-{value.day:02}" if value else ""


@register.filter(expects_localtime=True)
def hour(value: datetime | None) -> str:
    """09:30"""
    return f"{value.hour:02}:{value.minute:02}" if value else ""


@register.filter(expects_localtime=True)
def hour_after(value: datetime, since: datetime) -> str:
    """23:30, of the next day 次日01:00"""
    words = hour(value)
    return words if value.date() == localtime(since).date() else f"次日{words}"


@register.filter(expects_localtime=True)
def iso_moment(value: datetime | None) -> str:
    """2026-11-21T09:30:00+08:00"""
    return value.isoformat(timespec="seconds") if value else ""


@register.simple_tag
def fact(label: str, value: Any, empty: str = "", wide: bool = False, story: bool = False) -> SafeString:
    """One line of a dl.wq-facts; `empty` says what stands for nothing. `story` keeps line breaks."""
    return format_html(
        "<div{}><dt>{}</dt><dd{}>{}</dd></div>",
        _WIDE if wide or story else "",
        label,
        _MUTED if not value else _STORY if story else "",
        value or empty or "未登记",
    )


@register.simple_tag
def exit_url() -> str:
    """Where the quick exit leads: outside, or to a calendar of ours where there is no outside."""
    return settings.EXIT_URL or reverse("away")


@register.simple_tag
def query_address() -> str:
    """The page of 进度查询 as it stands on a slip, to be typed."""
    return settings.PUBLIC_URL.partition("://")[2].rstrip("/") + reverse("progress")


_WIDE = format_html(' class="{}"', "wq-facts__wide")
_MUTED = format_html(' class="{}"', "wq-muted")
_STORY = format_html(' class="{}"', "wq-story")
