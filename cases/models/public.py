"""How often somebody outside tried a number and a code: counted in the database, so that it holds without a cache."""

from datetime import datetime, timedelta

from django.db import connection, models


class PublicTryManager(models.Manager["PublicTry"]):
    def one_more(self, key: bytes, *, at: datetime, within: timedelta) -> int:
        """One more try under this key, and how many that makes since its window opened. One statement: two tries at
        once are two."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"key": key, "at": at, "oldest": at - within})
            return int(cursor.fetchone()[0])

    def drop_before(self, moment: datetime) -> None:
        self.filter(since_at__lt=moment).delete()


class PublicTry(models.Model):
    """Tries under one key: a number that was asked for, or an address that asks. The key is a keyed digest."""

    PERSONAL: tuple[str, ...] = ()

    key = models.BinaryField(max_length=16, unique=True)
    since_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)

    objects = PublicTryManager()

    class Meta:
        verbose_name = verbose_name_plural = "公开查询次数"
        indexes = [models.Index(fields=["since_at"], name="public_try_since")]

    def __str__(self) -> str:
        return f"try {self.pk}"


_COUNT = """
    INSERT INTO cases_publictry AS found (key, since_at, tries) VALUES (%(key)s, %(at)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN found.since_at <= %(oldest)s THEN 1 ELSE found.tries + 1 END,
        since_at = CASE WHEN found.since_at <= %(oldest)s THEN %(at)s ELSE found.since_at END
    RETURNING tries
"""
