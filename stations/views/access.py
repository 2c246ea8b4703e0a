"""The doors of this app: a permission for each view."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from stations.http import StaffRequest
from stations.roles import Permission

Params = ParamSpec("Params")


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
