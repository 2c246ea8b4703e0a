"""The look: contrast of every pair of colours, nothing inline, fields and marks that say in words what they show."""

import hashlib
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import path

from cases.deadlines import CHINA, end_of_day
from cases.views.rows import due_badge

BASE = Path(settings.BASE_DIR)
CSS = (BASE / "static/css/weiquan.css").read_text(encoding="utf-8")
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
NOON = datetime(2026, 11, 21, 12, tzinfo=CHINA)
TOKENS = dict(re.findall(r"--wq-([\w-]+):\s*(#[0-9a-f]{6})", CSS))


def page(request):
    raise NotImplementedError


urlpatterns = [
    path("", page, name="desk"),
    path("search/", page, name="search"),
    path("inbox/", page, name="inbox"),
    path("logout/", page, name="account_logout"),
    path("lock/", page, name="lock"),
    path("lock/left/", page, name="lock_left"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def squeezed(html: str) -> str:
    return re.sub(r">\s+<", "><", html).strip()


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# WCAG 2.2: 4.5 for words (1.4.3), 3 for the edges of controls and for marks (1.4.11).
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *[(ink, ground, 4.5) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "sheet", "band")],
        *[("accent", ground, 4.5) for ground in ("paper", "sheet", "band", "accent-wash")],
        ("accent-deep", "accent-wash", 4.5),
        ("accent-deep", "paper", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-deep", 4.5),
        ("on-deep", "accent-deep", 4.5),
        *[("danger", ground, 4.5) for ground in ("paper", "sheet", "danger-wash")],
        ("on-accent", "danger", 4.5),
        *[("amber", ground, 4.5) for ground in ("sheet", "amber-wash")],
        ("ink", "amber-fill", 4.5),
        *[("ink", ground, 4.5) for ground in ("info-wash", "amber-wash", "danger-wash", "accent-wash")],
        ("on-accent", "risk-red", 4.5),
        ("on-accent", "risk-orange", 4.5),
        ("ink", "risk-yellow", 4.5),
        ("on-accent", "risk-blue", 4.5),
        ("edge", "sheet", 3),
        ("edge", "paper", 3),
        ("amber-fill", "accent-deep", 3),
    ],
)
def test_colours_can_be_read(front, back, least):
    assert contrast(TOKENS[front], TOKENS[back]) >= least


def test_every_colour_used_is_defined():
    sheets = [path.read_text(encoding="utf-8") for path in (BASE / "static/css").glob("*.css")]
    used = {name for sheet in sheets for name in re.findall(r"var\((--[\w-]+)\)", sheet)}

    assert used - set(re.findall(r"(--[\w-]+)\s*:", CSS)) == set()


INLINE = re.compile(
    r"""<style|<script(?![^>]*\bsrc=)|\sstyle\s*=|\son[a-z]+\s*=\s*["']|\shx-on|javascript:|["']js:""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_template_holds_no_inline_script_or_style(template):
    assert INLINE.findall(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "bad", ['<p style="x">', "<style>", "<script>", '<a onclick="x">', '<a href="javascript:x">']
)
def test_inline_is_noticed(bad):
    assert INLINE.search(bad)


def test_nothing_is_loaded_from_another_host():
    own = [*TEMPLATES, *(BASE / "static/css").glob("*.css"), *(BASE / "static/js").glob("*.js")]
    loaded = re.compile(
        r"""(?:src|action|srcset)=["'](?:https?:)?//|<link[^>]+href=["'](?:https?:)?//|url\(["']?(?:https?:)?//"""
    )

    assert [str(path) for path in own if loaded.search(path.read_text(encoding="utf-8"))] == []


def test_every_part_names_its_parameters():
    parts = sorted((BASE / "templates/_parts").glob("*.html"))

    silent = [path.name for path in parts if not path.read_text(encoding="utf-8").startswith("{% comment %}")]

    assert len(parts) > 15
    assert silent == []


def test_vendored_files_are_those_in_the_readme():
    vendor = BASE / "static/vendor"
    rows = re.findall(
        r"^\| (\S+/\S+) \|.*\| ([0-9a-f]{64}) \|$", (vendor / "README.md").read_text(), re.MULTILINE
    )
    files = [path for path in vendor.rglob("*.*") if path.suffix in {".css", ".js"}]

    assert {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name, _ in rows} == dict(rows)
    assert sorted(str(path.relative_to(vendor)) for path in files) == sorted(name for name, _ in rows)


def test_static_files_can_be_hashed(tmp_path):
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)

    assert (tmp_path / "staticfiles.json").exists()
    assert re.search(r"tick\.[0-9a-f]{12}\.svg", next((tmp_path / "css").glob("weiquan.*.css")).read_text())


class Visit(forms.Form):
    name = forms.CharField(label="姓名", help_text="照身份证写。")
    sex = forms.ChoiceField(
        label="性别",
        choices=[("F", "女"), ("M", "男")],
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )
    flags = forms.MultipleChoiceField(
        label="情况", choices=[("DV", "涉家暴")], widget=forms.CheckboxSelectMultiple, required=False
    )
    told = forms.BooleanField(label="已当面告知")


def test_field_ties_label_help_and_error_to_its_control():
    html = squeezed(Visit({"name": ""})["name"].as_field_group())

    assert '<label for="id_name">姓名<span class="wq-must" aria-hidden="true">*</span>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.index('id="id_name_helptext"') < html.index('id="id_name_error"') < html.index("<input")


def test_choices_become_chips_inside_a_named_group():
    html = squeezed(Visit()["sex"].as_field_group())

    assert html.startswith('<fieldset class="wq-field wq-field--segmented">')
    assert "<legend>性别" in html
    assert '<div id="id_sex" class="wq-chips wq-segmented">' in html
    assert html.count('<label class="wq-chip"') == 2


def test_optional_field_has_no_mark():
    assert "wq-must" not in Visit()["flags"].as_field_group()


def test_single_box_has_its_label_behind_it():
    html = squeezed(Visit()["told"].as_field_group())

    assert re.search(r'<label class="wq-chip"><input type="checkbox"[^>]+><span>已当面告知', html)


def test_field_text_is_escaped():
    class Odd(forms.Form):
        field = forms.ChoiceField(
            label="<b>", choices=[("x", "<i>")], widget=forms.RadioSelect, help_text="<u>"
        )

    html = Odd()["field"].as_field_group()

    assert [tag for tag in ("<b>", "<i>", "<u>") if tag in html] == []


def test_error_summary_leads_to_each_field():
    html = render_to_string("_parts/errors.html", {"form": Visit({"name": "", "sex": "F"})})

    assert "请改好 2 处" in html
    assert re.findall(r'href="#(\w+)"', html) == ["id_name", "id_told"]


def test_error_summary_is_absent_when_all_is_well():
    form = Visit({"name": "王", "sex": "F", "told": "on"})

    assert render_to_string("_parts/errors.html", {"form": form}).strip() == ""


@pytest.mark.parametrize(
    ("due", "state", "words", "said"),
    [
        (end_of_day(date(2026, 12, 3)), "far", "还有12天 12月3日", "2026-12-03"),
        (end_of_day(date(2026, 11, 24)), "near", "还有3天 11月24日", "2026-11-24"),
        (end_of_day(date(2026, 11, 21)), "today", "今天到期 11月21日", "2026-11-21"),
        (end_of_day(date(2026, 11, 16)), "overdue", "逾期5天 11月16日", "2026-11-16"),
        (NOON + timedelta(days=3), "near", "还有3天 11月24日 12:00", "2026-11-24T12:00+08:00"),
        (
            NOON + timedelta(hours=13, minutes=5),
            "today",
            "还有13小时5分 11月22日 01:05",
            "2026-11-22T01:05+08:00",
        ),
        (NOON - timedelta(hours=2), "overdue", "逾期2小时 11月21日 10:00", "2026-11-21T10:00+08:00"),
    ],
)
def test_due_badge_says_it_in_words(due, state, words, said):
    html = due_badge(due, NOON)

    assert words_of(html) == words
    assert f"wq-due--{state}" in html
    assert f'datetime="{said}"' in html


def test_due_badge_says_what_is_not_certain_yet():
    assert words_of(due_badge(end_of_day(date(2027, 1, 5)), NOON, provisional=True)) == "还有45天 1月5日 暂定"
    assert words_of(due_badge(None, NOON)) == "无期限"


@pytest.mark.parametrize(
    ("level", "mark"), [("RED", "红"), ("ORANGE", "橙"), ("YELLOW", "黄"), ("BLUE", "蓝")]
)
def test_risk_mark_says_its_colour(level, mark):
    assert words_of(render_to_string("_parts/risk.html", {"level": level})) == f"{mark} 色风险"


def desk(**more) -> str:
    user = SimpleNamespace(
        is_authenticated=True, name="张晓梅", organisation=SimpleNamespace(name="下汤镇维权站")
    )
    nav = [{"label": "我的办件", "url": "/", "current": True, "count": 7}, {"label": "登记", "url": "/new/"}]
    context = {"user": user, "nav": nav, "unread": 3, "demo": False, "csrf_token": "tok", **more}
    with override_settings(ROOT_URLCONF=__name__):
        return render_to_string("base.html", context)


def test_frame_posts_search_and_logout_with_a_token():
    html = desk()

    assert re.findall(r'<form[^>]*method="(\w+)" action="([^"]+)"', html) == [
        ("post", "/search/"),
        ("post", "/lock/"),
        ("post", "/logout/"),
    ]
    assert html.count("csrfmiddlewaretoken") == 3
    assert html.count('aria-current="page"') == 1
    assert html.count("<h1>") == 1


def test_frame_without_search_for_those_who_may_not():
    assert "wq-search" not in desk(hide_search=True)


def test_frame_says_that_it_is_a_demonstration():
    strip = "演示系统：人物和事件均为虚构"

    assert strip in desk(demo=True)
    assert strip not in desk()


def test_frame_turns_off_what_the_policy_would_block():
    assert '"includeIndicatorCSS":false' in desk()


def test_public_page_has_a_neutral_title_and_a_way_out():
    html = render_to_string("base_public.html")

    assert "<title>便民服务</title>" in html
    assert 'data-quick-exit="https://' in html
    assert "维权站" not in html


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
def test_error_page_needs_no_context_and_says_nothing_of_what_is_done_here(name):
    """It may stand on the telephone of whoever asked how her own matter goes."""
    html = render_to_string(f"{name}.html")

    assert "请" in html
    assert "快速离开" in html
    assert 'href="/"' not in html
    assert not any(word in html for word in ("维权", "妇", "案件", "110", "12338"))


@pytest.mark.parametrize("name", ["403", "403_csrf", "404"])
def test_error_page_leads_who_is_logged_in_back_to_the_desk(name):
    html = render_to_string(f"{name}.html", {"user": SimpleNamespace(is_authenticated=True)})

    assert "请" in html
    assert 'href="/"' in html
    assert "快速离开" not in html
