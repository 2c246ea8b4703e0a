"""Logging in with a password, and fetching the person behind a session with what every page asks of her."""

from django.contrib.auth.backends import ModelBackend

from stations.models import Staff


class StaffBackend(ModelBackend):
    def get_user(self, user_id: int) -> Staff | None:
        """Unit and region come along: without them every page would ask twice more."""
        user = Staff.objects.select_related("organisation__region").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
