"""Which SQL a request costs, BEGIN, SAVEPOINT and COMMIT counted. In one process, through all the middleware."""

from http.cookies import SimpleCookie

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.client import HOST, TOKEN, Request, WrongAnswer
from bench.operations import Operation

# Lists kept by the process are read once; the session's renewal is not due again so soon.
WARM = 2
WIDTH = 220


def statements(operation: Operation) -> list[str]:
    for n in range(WARM):
        ask(operation.nth(n))
    with CaptureQueriesContext(connection) as captured:
        ask(operation.nth(WARM))
    return [entry["sql"] for entry in captured.captured_queries]


def ask(request: Request) -> None:
    client = Client(enforce_csrf_checks=True, SERVER_NAME=HOST)
    client.cookies = SimpleCookie(
        {settings.SESSION_COOKIE_NAME: request.session, settings.CSRF_COOKIE_NAME: TOKEN}
    )
    form = None if request.form is None else {"csrfmiddlewaretoken": TOKEN, **request.form}
    answer = client.get(request.path) if form is None else client.post(request.path, form)
    if answer.status_code != request.status:
        raise WrongAnswer(f"{request.path} answered {answer.status_code} instead of {request.status}")


def shown(sql: str) -> str:
    """One line a statement; values of sealed and typed fields are the invented ones of this database."""
    flat = " ".join(sql.split())
    return flat if len(flat) <= WIDTH else f"{flat[:WIDTH]} …"
