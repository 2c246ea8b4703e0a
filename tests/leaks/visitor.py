"""Somebody who opens every page she can reach and sends every form she is offered; what she sees is written down."""

import logging
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from cases.actions.ledgers.books import LEDGERS
from cases.models import Delivery, Event, Notice
from cases.statistics.figures.reports import REPORTS
from stations.models import Staff
from tests.leaks.markers import TYPED, Marker, Marks, typed_in
from tests.leaks.pages import Form, Page
from tests.leaks.world import World

ADDRESSES = count(1)
SOUGHT = ("Person.name", "Person.id_number", "Phone.number", "Statement.facts")
# Rows that are told apart by a running number: a few of each are enough.
FEW = 1
# The same form is sent by whoever finds it first, filled in two ways and all but empty; to the next finder, who mostly
# stands in another case, it is worth one valid answer.
SAME_FORM = 2
# Forms that show more than the page they stand on.
OPENING = {
    *("reveal", "search", "call", "monitor_reveal", "safety_plan_print", "application_print", "break_in"),
    *("break_in_known", "disclosures_print", "refer"),
}
# Forms of which every monitor has its own: a few of each kind are enough.
MANY = {"monitor_step", "monitor_open"}
PAGES = {200, 201, 204, 302, 303, 409, 410, 422, 423}
# Pages called after a name that is plain by decision: of a way out, of a rule.
NAMED_IN_CLEAR = {"outlet_edit", "rule"}
# What a query asks for; the rest of it says how much of it.
CHOOSING = {"ledger", "list", "of", "report"}
# Addresses of one kind that are asked of everybody who was led to none of them.
OTHERS = 1
# What a form may leave behind in clear: numbers, codes and dates of the step, and who was told.
TRACES = (Event, Notice, Delivery)


@dataclass
class Seen:
    """Every sighting: field, case, surface, reader, and one address where it was."""

    rows: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    sent: Counter[tuple[Any, ...]] = field(default_factory=Counter)

    def add(self, markers: set[Marker], surface: str, role: str, where: str) -> None:
        for marker in markers:
            label = marker.field.partition("[")[0]
            self.rows.setdefault((label, marker.case, surface, role), where)


class Listener(logging.Handler):
    """Every word that any logger says."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("mail."):  # the mail server of the test itself
            self.said.append(self.format(record))

    def take(self) -> str:
        said, self.said = "\n".join(self.said), []
        return said


@dataclass(frozen=True)
class Stop:
    """One address, and what it is a page of."""

    url: str
    route: str
    step: str
    thing: tuple[Any, ...]

    @property
    def surface(self) -> str:
        return f"{self.route}:{self.step}" if self.step else self.route


def stop_at(url: str) -> Stop | None:
    """Nothing for addresses outside the system, files and the admin's own desk."""
    parts = urlsplit(url)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    if parts.netloc or not parts.path.startswith("/") or "admin" in found.namespaces:
        return None
    steps = [
        value
        for name, value in found.kwargs.items()
        if name in ("step_name", "paper", "kind") and isinstance(value, str)
    ]
    things = tuple(value for name, value in found.kwargs.items() if value not in steps)
    asked = tuple(
        sorted({f"{name}={value}" if name in CHOOSING else name for name, value in parse_qsl(parts.query)})
    )
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    return Stop(where, found.url_name or "", ":".join(steps), (*things, *asked))


@dataclass
class Visitor:
    role: str
    person: Staff | None
    world: World
    seen: Seen
    listener: Listener
    reached: dict[str, Stop] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    client: Client = field(init=False)
    _few: Counter[str] = field(default_factory=Counter)
    _came: set[tuple[Any, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        if self.person is not None:
            self.client.force_login(self.person, backend="stations.backends.StaffBackend")

    @property
    def marks(self) -> Marks:
        return self.world.marks

    # -- walking ------------------------------------------------------------------------------------

    def walk(self, starts: list[str]) -> None:
        """Everything that can be reached from these addresses, by links and by forms."""
        waiting = deque(starts)
        known: set[tuple[str, str, tuple[Any, ...]]] = set()
        while waiting:
            stop = stop_at(waiting.popleft())
            if stop is None or (stop.route, stop.step, stop.thing) in known or self._enough_of(stop):
                continue
            known.add((stop.route, stop.step, stop.thing))
            page, onward = self.open(stop)
            waiting += [onward] if onward else []
            if page is not None:
                links = (link for link in page.links if link and not link.startswith("#"))
                waiting += [urljoin(stop.url, link) for link in links]
                for form in page.forms:
                    waiting += self._use(form, stop)

    def _enough_of(self, stop: Stop) -> bool:
        if stop.route in MANY or any(isinstance(thing, int) for thing in stop.thing):
            self._few[stop.surface] += 1
            return self._few[stop.surface] > FEW
        return False

    def open(self, stop: Stop) -> tuple[Page | None, str]:
        """GET one address: the page, if it is one, and where it sends on to."""
        response = self._ask("GET", stop.url, {})
        if response.status_code == 200:
            self.reached[stop.url] = stop
        if response.status_code < 400:
            self.routes.add(stop.route)
        page = self.judge(response, stop.surface, stop.url, {})
        if response.status_code == 405:  # it is only sent to
            self.routes.add(stop.route)
            self.send(stop, {"q": [TYPED]})
        return page, response.headers.get("Location", "")

    def intrude(self, stop: Stop) -> None:
        """Go where others were led, and press what opens more there."""
        page, _ = self.open(stop)
        for form in page.forms if page else ():
            target = stop_at(urljoin(stop.url, form.action)) if form.action else stop
            if target and target.route in OPENING and form.method == "post":
                list(self._use(form, stop))

    def _use(self, form: Form, stop: Stop) -> Iterator[str]:
        action = urljoin(stop.url, form.action) if form.action else stop.url
        target = stop_at(action)
        if target is None:
            return
        if form.method == "get":
            query = "&".join(
                f"{name}={values[0]}"
                for name, values in form.filled(last=True).items()
                if values[0].isascii()
            )
            yield f"{urlsplit(action).path}?{query}"
            return
        self.routes.add(target.route)
        said = tuple(
            sorted(
                (box.name, box.value)
                for box in form.boxes
                if box.kind == "hidden" and box.name in ("group", "step", "kind")
            )
        )
        for button in form.buttons or [("", "")]:
            key = (target.route, target.step, said, button, *self._own_part(target))
            if self.seen.sent[key] >= SAME_FORM:
                continue
            self.seen.sent[key] += 1
            pressed = {button[0]: [button[1]]} if button[0] else {}
            if target.route in OPENING:
                self._give_reasons(self.send(target, form.filled() | pressed), target)
                continue
            ways = [form.filled(), form.filled(last=True), form.emptied()]
            for typed in ways if self.seen.sent[key] == 1 else ways[:1]:
                self.send(target, typed | pressed)

    def _give_reasons(self, page: Page | None, target: Stop) -> None:
        """Whoever stands outside the line is asked for a reason first: on a page with one form."""
        for form in page.forms if page else ():
            if form.method == "post" and any(box.name == "reason" for box in form.boxes):
                self.send(stop_at(urljoin(target.url, form.action)) or target, form.filled())

    def seek(self) -> None:
        """Look for the people and the story of every case, by what a search takes."""
        stop = stop_at(reverse("search"))
        assert stop is not None
        every = {**self.marks.by_character, **self.marks.by_digits}.values()
        sought = {(one.field, one.case): one.value for one in every if one.field in SOUGHT}
        for (label, case), value in sought.items():
            if case == "open" or label == SOUGHT[0]:
                self.send(stop, {"q": [value]})

    def ask_progress(self) -> None:
        """With number and code in hand, as she asks herself where it stands; and once with a wrong code."""
        stop = stop_at(reverse("progress"))
        assert stop is not None
        for case in self.world.cases.values():
            for code in (case.query_code, "00000000"):
                page = self.send(stop, {"number": [case.number], "code": [code]})
                for form in page.forms if page else ():
                    list(self._use(form, stop))

    def _own_part(self, target: Stop) -> tuple[Any, ...]:
        """What a form opens differs with the reader and the case; what it takes in does not."""
        return (self.role, target.thing) if target.route in OPENING else ()

    def send(self, stop: Stop, typed: dict[str, list[str]]) -> Page | None:
        """POST one form and take it back: what it would have left behind is read first."""
        cookies = self.client.cookies.copy()
        surface = _surface(stop, typed)
        with transaction.atomic():
            before = {model: _newest(model) for model in TRACES}
            response = self._ask("POST", stop.url, typed)
            page = self.judge(response, surface, stop.url, typed)
            if response.status_code in (302, 303):
                self._read_traces(before, stop)
                self._go_on(stop, response.headers["Location"], typed)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return page

    def _go_on(self, sent: Stop, location: str, typed: dict[str, list[str]]) -> None:
        """The page after a form, while what the form did still stands."""
        after = stop_at(urljoin(sent.url, location))
        if after is None or after.route in ("account_login", "desk"):
            return
        # Case by case: what one step leaves on the page is the same however its form was filled in.
        came = (sent.route, sent.step, *sent.thing, after.surface)
        if came in self._came:
            return
        self._came.add(came)
        response = self._ask("GET", after.url, {})
        # What a step changes may make her one of the line; inside a case broken into, she reads for two hours.
        when = "broken in" if sent.route == "break_in" else f"after {sent.step or sent.route}"
        page = self.judge(response, f"{when}: {after.surface}", after.url, typed)
        if sent.route == "break_in":
            case = reverse("case", args=sent.thing[:1])
            self.judge(self._ask("GET", case, {}), "broken in: case", case, typed)
            for form in page.forms if page else ():
                self._look_inside(form, after)

    def _look_inside(self, form: Form, stop: Stop) -> None:
        """Press every button that opens something, while the door stands open."""
        for name, value in form.buttons:
            if name == "group":
                typed = form.filled() | {name: [value]}
                surface = f"broken in: {_surface(stop, typed)}"
                self.judge(self._ask("POST", stop.url, typed), surface, stop.url, typed)

    def _ask(self, method: str, url: str, typed: dict[str, list[str]]) -> HttpResponse:
        # From an address of its own: no failed attempt counts against the next.
        where = {"REMOTE_ADDR": f"fd00::{next(ADDRESSES):x}"}
        if method == "POST":
            return self.client.post(url, typed, **where)
        with transaction.atomic():
            return self.client.get(url, **where)

    # -- judging ------------------------------------------------------------------------------------

    def judge(
        self, response: HttpResponse, surface: str, url: str, typed: dict[str, list[str]]
    ) -> Page | None:
        """Write down each mark in the answer, where it stands; complain of what may stand nowhere."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        body = b"".join(response) if response.streaming else response.content
        own = {one for values in typed.values() for value in values for one in self.marks.find(value)}
        # A form that is refused, or met by a newer state, is the page it stands on.
        name = surface if response.status_code in PAGES else f"error {response.status_code}"
        self.seen.add(self.marks.find_in(body, kind) - own, name, self.role, url)
        heads = "\n".join(
            [*(f"{key}: {value}" for key, value in response.headers.items()), response.cookies.output()]
        )
        said = self.listener.take()
        if response.status_code >= 500:
            why = said.strip().rpartition("\n")[2]
            self.seen.broken.append(f"{response.status_code} for {self.role} at {url} {sorted(typed)}: {why}")
        self._nowhere("a header", heads, url)
        self._nowhere("the address", url, url)
        self._nowhere("the log", said, url)
        if kind != "text/html":
            return None
        page = Page(body.decode())
        if surface.rpartition(": ")[2] not in NAMED_IN_CLEAR:
            self._nowhere("a title", page.title, url)
        self._nowhere("a link", "\n".join(page.addresses), url)
        return page

    def _nowhere(self, place: str, text: str, url: str) -> None:
        self.seen.add(self.marks.find(text), place, self.role, url)
        if typed_in(text):
            self.seen.wrong.append(f"{place} of {url} ({self.role}) shows what was typed: {text[:200]}")

    def _read_traces(self, before: dict[Any, Any], stop: Stop) -> None:
        for model in TRACES:
            for row in model.objects.filter(pk__gt=before[model]).values():
                # Hashes are random bytes, in which a mark may stand by chance.
                words = repr([value for value in row.values() if not isinstance(value, bytes | memoryview)])
                if typed_in(words) or self.marks.find(words):
                    self.seen.wrong.append(f"{model.__name__} after {stop.url} ({self.role}): {row}")
        for session in Session.objects.filter(session_key=self.client.session.session_key or "-"):
            words = repr(session.get_decoded())
            if typed_in(words) or self.marks.find(words):
                self.seen.wrong.append(f"the session after {stop.url} ({self.role}): {words}")


def _surface(stop: Stop, typed: dict[str, list[str]]) -> str:
    """The page, and the part of it that a button or a hidden word opens."""
    part = typed.get("group", typed.get("do", [""]))[0]
    return f"{stop.surface}:{part}" if part else stop.surface


def _newest(model: Any) -> Any:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def foreign(reached: dict[str, Stop], known: set[str]) -> list[Stop]:
    """A few addresses of every kind that others reached and she did not."""
    kinds: Counter[str] = Counter()
    found = []
    for url, stop in reached.items():
        if url not in known and kinds[stop.route] < OTHERS:
            kinds[stop.route] += 1
            found.append(stop)
    return found


def starts() -> list[str]:
    """Every address that needs no argument."""
    from django.urls import NoReverseMatch

    from tests.test_access_matrix import get_resolver, url_names

    found = []
    for name in url_names(get_resolver()):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    # Chosen in a list, which nobody presses here.
    found += [f"{reverse('ledgers')}?ledger={code}" for code in LEDGERS]
    found += [f"{reverse('reports')}?report={code}" for code in REPORTS]
    return found
