"""Sessions in the database, as Django keeps them, read by a query that is put together once."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from weiquan.prepared import Prepared

_SESSION = Prepared(lambda key: Session.objects.filter(session_key=key), sample="-")


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Session | None:
        session = next(iter(_SESSION(self.session_key)), None) if self.session_key else None
        if session is not None and session.expire_date > timezone.now():  # noqa: TID251 – reading it is the edge
            return session
        found: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        return found
