"""The doors of this app: a permission for each view, and the type of request behind the login."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from stations.models import Staff
from stations.roles import Permission

Params = ParamSpec("Params")


class StaffRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: Staff


View = Callable[Concatenate[StaffRequest, Params], HttpResponse]


def needs(permission: Permission) -> Callable[[View[Params]], View[Params]]:
    """403 for whoever lacks the permission."""

    def decorate(view: View[Params]) -> View[Params]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
            if not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
