"""What tests of pages share: a client for somebody, the words on a page, two presses at once."""

import re
from datetime import timedelta
from threading import Barrier, Thread

from django.db import connection
from django.test import Client
from django.urls import reverse

from cases.models import Referral
from tests.cast import MONDAY, login

LATER = MONDAY + timedelta(hours=2)


def as_(staff) -> Client:
    return login(Client(), staff)


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def steps_on(response) -> set[str]:
    """The steps that the page offers."""
    return set(re.findall(r"/do/([a-z-]+)/", response.content.decode()))


def step_url(referral, step: str) -> str:
    return reverse("referral_step", args=[referral.pk, step])


def press(client, referral, step: str, **typed):
    """Press a button as it stands on the page now."""
    version = Referral.objects.values_list("version", flat=True).get(pk=referral.pk)
    return client.post(step_url(referral, step), {"version": version, **typed})


def at_once(*calls) -> list:
    """Run the calls in threads that start together; their answers in order."""
    barrier, answers = Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        try:
            barrier.wait()
            answers[place] = call()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
