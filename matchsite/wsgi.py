"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")
# The server's threads have small stacks. A matrix product that OpenBLAS spreads over several threads keeps half a
# megabyte there, which can pass the end of the stack and take the process down. Said before NumPy is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - settings must be ready

from matchsite.guards import refuse_unsafe_web_role  # noqa: E402 - the same

refuse_unsafe_web_role()
application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
