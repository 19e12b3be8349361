"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - settings must be ready

from matchsite.guards import refuse_unsafe_web_role  # noqa: E402 - the same

refuse_unsafe_web_role()
application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
