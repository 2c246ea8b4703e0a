"""The project: settings, URLs, Celery, sealed fields."""

from weiquan.celery import app as celery_app

__all__ = ["celery_app"]
