"""One run from the empty database to the table."""

import argparse
import time

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench import report
from bench.city import Desk, build_city, desks, officer_over
from bench.copies import COPIES, add_copies, one_county
from bench.exports import export_lines, measure_export
from bench.figures import measure_year, year_lines
from bench.load import load_cases
from bench.measure import measure
from bench.operations import floor_of, numbers, operations
from bench.server import web_server
from bench.statements import shown, statements
from bench.sweep import add_clocks, make_due, measure_sweep, plan_of_claim
from cases.models import Case
from cases.statistics.figures.rollup import refresh

# A small run fills a few stations rather than giving each next to nothing.
FEWEST = 100
# Whoever asks for these alone gets what is measured beside them too.
FIGURES = {"report", "report-file"}


def run(options: argparse.Namespace) -> int:
    if Case.objects.exists() and not options.reuse:
        print("This database holds cases. Give one that is empty, or --reuse one that an earlier run filled.")
        return 2
    if settings.DEBUG:
        print("! DEBUG is on: the times mean nothing.")
    offices = loaded(copied=options.copied) if options.reuse else fill(options.cases, copied=options.copied)
    if options.sweep:
        print("\n".join(["", report.surroundings(Case.objects.count()), "", *sweeps(options), ""]))
        return 0
    desk = offices[len(offices) // 3]
    chosen = [one for one in operations(desk, timezone.now()) if not options.only or one.key in options.only]
    counted = {one.key: statements(one) for one in chosen}
    floor = floor_of(numbers(Case.objects.all()))
    connection.close()
    print(f"Measuring {len(chosen)} operations …")
    with web_server() as port:
        base, base_rate, measured = measure(
            chosen, floor, port=port, rounds=options.rounds, clients=options.clients, seconds=options.seconds
        )
    counts = {key: len(asked) for key, asked in counted.items()}
    rows = report.table(base, base_rate, measured, counts)
    lines = [report.surroundings(Case.objects.count()), ""]
    swept = years(desk) if not options.only or FIGURES & set(options.only) else []
    swept += [] if options.only else sweeps(options)
    print("\n".join(["", *lines, report.plain(rows), "", *swept, ""]))
    if options.sql:
        for key, asked in counted.items():
            print("\n".join([f"-- {key}: {len(asked)}", *map(shown, asked), ""]))
    if options.write:
        report.write("\n".join([*lines, report.markdown(rows), "", *swept]))
    return 0


def years(desk: Desk) -> list[str]:
    """The year of the county above and its register as a file, beside what both cost without our code."""
    officer, at = officer_over(desk), timezone.now()
    assert officer.organisation is not None
    lines = year_lines(measure_year(officer.organisation, at))
    return [*lines, "", *export_lines(measure_export(officer, at))]


def sweeps(options: argparse.Namespace) -> list[str]:
    """The sweep over what was loaded and, if asked for, over many more clocks, with the plan of finding the due ones."""
    lines = report.sweep_lines(measure_sweep(options.due, timezone.now()))
    if not options.clocks:
        return lines
    start = time.monotonic()
    running = add_clocks(options.clocks)
    print(f"Filled up to {running} running clocks in {time.monotonic() - start:.0f} s.")
    lines += [
        "",
        f"Among {running:,} running clocks:",
        "",
        *report.sweep_lines(measure_sweep(options.due, timezone.now())),
    ]
    make_due(options.due, timezone.now())
    return [*lines, "", "```text", plan_of_claim(timezone.now()), "```"]


def loaded(*, copied: bool) -> list[Desk]:
    return one_county(desks()) if copied else desks()


def fill(cases: int, *, copied: bool) -> list[Desk]:
    start = time.monotonic()
    print(f"Loading {cases} cases …")
    every = build_city()
    offices = one_county(every) if copied else every[: max(1, cases // FEWEST)]
    load_cases(cases // (COPIES + 1) if copied else cases, offices, timezone.now())
    if copied:
        add_copies(offices, every)
    print(f"Loaded in {time.monotonic() - start:.0f} s.")
    start = time.monotonic()
    months = refresh(timezone.now(), anew=True)
    print(f"Counted {len(months)} months in {time.monotonic() - start:.0f} s.")
    return offices
