"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")

application = get_wsgi_application()

from matchsite.guards import refuse_unsafe_web_role  # noqa: E402 - settings must be ready

refuse_unsafe_web_role()
