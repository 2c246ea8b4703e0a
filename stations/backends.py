"""Logging in with a password, and fetching the person behind a session with what every page asks of her."""

from django.contrib.auth.backends import ModelBackend

from stations.models import Staff
from weiquan.prepared import Prepared

# Unit and region come along: without them every page would ask twice more.
_PERSON = Prepared(
    lambda pk: Staff.objects.select_related("organisation__region").filter(pk=pk).order_by("pk"), sample=-1
)


class StaffBackend(ModelBackend):
    def get_user(self, user_id: int) -> Staff | None:
        user = next(iter(_PERSON(user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None
