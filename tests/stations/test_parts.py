"""The small pieces of the pages: dates as people here write them, facts with a word for nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

# 2026-11-21 01:05 in China.
NIGHT = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{ at|day }}", "2026年11月21日"),
        ("{{ at|short_day }}", "11月21日"),
        ("{{ at|iso_day }}", "2026-11-21"),
        ("{{ at|hour }}", "01:05"),
        ("{{ at|hour_after:at }}", "01:05"),
        ("{{ at|hour_after:evening }}", "次日01:05"),
        ("{{ at|iso_moment }}", "2026-11-21T01:05:00+08:00"),
        ("{{ on|day }}/{{ on|short_day }}/{{ on|iso_day }}", "2026年3月5日/3月5日/2026-03-05"),
        ("{{ none|day }}{{ none|short_day }}{{ none|iso_day }}{{ none|hour }}{{ none|iso_moment }}", ""),
    ],
)
def test_dates_are_written_in_local_time(written: str, shown: str) -> None:
    evening = NIGHT - timedelta(hours=2)
    given = {"at": NIGHT, "evening": evening, "on": date(2026, 3, 5), "none": None}

    assert Template(written).render(Context(given)) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('{% fact "姓名" value %}', "<div><dt>姓名</dt><dd>&lt;b&gt;</dd></div>"),
        ('{% fact "姓名" "" %}', '<div><dt>姓名</dt><dd class="wq-muted">未登记</dd></div>'),
        ('{% fact "姓名" missing empty="没有" %}', '<div><dt>姓名</dt><dd class="wq-muted">没有</dd></div>'),
        (
            '{% fact "诉求" value story=True %}',
            '<div class="wq-facts__wide"><dt>诉求</dt><dd class="wq-story">&lt;b&gt;</dd></div>',
        ),
    ],
)
def test_fact_shows_a_value_or_a_word_for_none(written: str, shown: str) -> None:
    assert Template(written).render(Context({"value": "<b>"})) == shown


def test_the_part_and_the_tag_are_the_same() -> None:
    part = render_to_string("_parts/fact.html", {"label": "来源", "value": "来访", "wide": True})

    assert part.strip() == '<div class="wq-facts__wide"><dt>来源</dt><dd>来访</dd></div>'
