"""The type of a request behind the login."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from stations.models import Staff


class StaffRequest(HttpRequest):
    user: Staff
    htmx: HtmxDetails
