"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application

from weiquan.sealing import ring

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weiquan.settings")

application = get_wsgi_application()
ring()  # a key ring that cannot be used stops the server here, not at the first case
