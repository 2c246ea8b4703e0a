"""The reports that are filed (factsheet §5.3): which tables each has, and who besides the federation reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from cases.statistics.figures import across, narrative, tables, women
from cases.statistics.figures.cells import Table, hide_small
from cases.statistics.figures.context import Context

HIDDEN_NOTE = "县级以下单位小于5的数不列出（＜5）；为免由合计推算出来，另隐去的数以＊表示。合计含隐去的数。"


@dataclass(frozen=True)
class Report:
    """`crosses`: it goes to other departments, so that small figures below county level are always hidden.
    `words` writes the sentences of a report that is told in some, from its tables as they are shown."""

    code: str
    name: str
    tables: Callable[[Context], list[Table]]
    crosses: bool = False
    words: Callable[[Sequence[Table]], list[narrative.Section]] | None = None


def _petitions(context: Context) -> list[Table]:
    return [
        tables.by_unit(context),
        tables.categories(context),
        tables.results(context),
        tables.special(context),
    ]


def _violence(context: Context) -> list[Table]:
    return [tables.violence(context), tables.police_results(context), *tables.violence_spreads(context)]


def _women(context: Context) -> list[Table]:
    return [women.monitoring(context)]


def _month(context: Context) -> list[Table]:
    return [tables.month_report(context), tables.categories(context)]


def _pressed(context: Context) -> list[Table]:
    return [across.punctuality(context)]


def _members(context: Context) -> list[Table]:
    return [across.punctuality(context), across.answers(context)]


def _year(context: Context) -> list[Table]:
    return [
        tables.volumes(context),
        across.months(context),
        tables.categories(context, deep=False),
        across.complained(context),
        across.passed_on(context),
        tables.settled_where(context),
        tables.outcomes(context),
        tables.indicators(context),
    ]


def _indicators(context: Context) -> list[Table]:
    return [tables.indicators(context), tables.amounts(context)]


def _drawn(context: Context) -> list[Table]:
    fields = replace(tables.categories(context, deep=False), chart="categories")
    lost = tables.where_lost(context, across.clock_names())
    return [
        across.months(context),
        fields,
        across.settled_months(context),
        replace(across.punctuality(context), chart="punctual"),
        lost,
    ]


REPORTS = {
    report.code: report
    for report in (
        Report("petitions", "妇女信访情况统计表", _petitions),
        Report("analysis", "情况分析", narrative.figures, words=narrative.sections),
        Report("violence", "家庭暴力专项统计", _violence),
        Report("month", "维权站工作月报", _month),
        Report("pressed", "督办通报", _pressed, crosses=True),
        Report("members", "联席会议成员单位年报", _members, crosses=True),
        Report("women", "妇女发展规划监测", _women, crosses=True),
        Report("year", "年度信访报告", _year),
        Report("indicators", "考核指标", _indicators),
        Report("charts", "统计图", _drawn),
    )
}


@dataclass(frozen=True)
class Written:
    """A report of one place and period as it is shown: `hidden` where small figures were left out."""

    report: Report
    context: Context
    tables: list[Table]
    hidden: bool
    words: list[narrative.Section] = field(default_factory=list)


def write_report(report: Report, context: Context, *, outside: bool) -> Written:
    """`outside`: for the public, another department, or a reader from one."""
    made = report.tables(context)
    wide = outside or report.crosses
    hidden = [hide_small(table) for table in made] if wide else []
    words = report.words(made) if report.words else []
    return Written(report, context, made, any(hidden), words)
