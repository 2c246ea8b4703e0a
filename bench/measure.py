"""Timing: one client in turns with the floor, then eight at once; ratios come from one run only."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from statistics import median, quantiles
from time import perf_counter

from bench.client import Request, send
from bench.operations import Operation

WARM = 20


@dataclass(frozen=True)
class Times:
    """Milliseconds of one client."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Measured:
    """One operation beside the floor of its own moment."""

    operation: Operation
    times: Times
    ratio: float
    rate: float
    share: float


def measure(
    operations: list[Operation], floor: Operation, *, port: int, rounds: int, clients: int, seconds: float
) -> tuple[Times, float, list[Measured]]:
    """The floor's times and rate, and everything else as a part of it."""
    serials = {operation.key: count(1000) for operation in (floor, *operations)}

    def fresh(operation: Operation) -> Request:
        return operation.nth(next(serials[operation.key]))

    for operation in (floor, *operations):
        for _ in range(min(WARM, rounds)):
            send(port, fresh(operation))
    taken = in_turns(operations, floor, fresh, port, rounds)
    floor_times = times(taken[floor.key])
    measured = []
    floor_rates = []
    for operation in operations:
        below = rate(lambda: fresh(floor), port, clients, seconds / 2)
        above = rate(lambda: fresh(operation), port, clients, seconds)  # noqa: B023 – used at once
        below = (below + rate(lambda: fresh(floor), port, clients, seconds / 2)) / 2
        floor_rates.append(below)
        own = times(taken[operation.key])
        measured.append(Measured(operation, own, own.p50 / floor_times.p50, above, 100 * above / below))
    return floor_times, median(floor_rates), measured


def in_turns(
    operations: list[Operation],
    floor: Operation,
    fresh: Callable[[Operation], Request],
    port: int,
    rounds: int,
) -> dict[str, list[float]]:
    """One request of each in every round, the floor before each, so that a busy moment hits all alike."""
    taken: dict[str, list[float]] = {operation.key: [] for operation in (floor, *operations)}
    for _ in range(rounds):
        for operation in operations:
            taken[floor.key].append(send(port, fresh(floor)))
            taken[operation.key].append(send(port, fresh(operation)))
    return taken


def times(seconds: list[float]) -> Times:
    return Times(1000 * median(seconds), 1000 * quantiles(seconds, n=20)[-1])


def rate(fresh: Callable[[], Request], port: int, clients: int, seconds: float) -> float:
    """Requests a second of `clients` at once. What to send is made before the clock starts."""
    latest = perf_counter() + seconds

    def work(requests: Iterator[Request]) -> int:
        done = 0
        while perf_counter() < latest:
            send(port, next(requests))
            done += 1
        return done

    start = perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = sum(pool.map(work, [_endless(fresh) for _ in range(clients)]))
    return done / (perf_counter() - start)


def _endless(fresh: Callable[[], Request]) -> Iterator[Request]:
    while True:
        yield fresh()
