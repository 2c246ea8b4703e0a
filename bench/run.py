"""`make bench`: load cases into an empty database, start the web server, measure, print a table.

`make bench ARGS="--cases 20000"` for a smaller one; `--help` for the rest. Changes nothing in the checkout but, with
--write, the table in docs/performance.md.
"""

import argparse
import os
import sys
import time

import django


def main(arguments: list[str]) -> int:
    options = read(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    from bench.session import run  # noqa: PLC0415 – the models need the settings

    start = time.monotonic()
    code = run(options)
    print(f"{time.monotonic() - start:.0f} s in all.")
    return code


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="how many cases to load")
    parser.add_argument(
        "--copied",
        action="store_true",
        help="load one county and copy its rows to the others, for a million cases",
    )
    parser.add_argument("--rounds", type=int, default=200, help="requests of each operation by one client")
    parser.add_argument("--clients", type=int, default=8, help="clients at once")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long they work on each operation")
    parser.add_argument("--due", type=int, default=10_000, help="clocks made due for the sweep")
    parser.add_argument(
        "--clocks", type=int, default=0, help="fill up to so many running clocks and sweep again"
    )
    parser.add_argument("--sweep", action="store_true", help="the sweep alone: no web server, no pages")
    parser.add_argument("--only", nargs="*", default=[], metavar="KEY", help="these operations only")
    parser.add_argument("--sql", action="store_true", help="print the statements of each operation")
    parser.add_argument("--reuse", action="store_true", help="measure on what an earlier run loaded")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
