"""The site as a proxy on the same machine would ask it: over HTTPS, by whom a header names.

A browser takes the site's cookies over HTTPS alone, and Lighthouse sets none of their kind; so the header
`X-Session` stands for the cookie of a session.
"""

from collections.abc import Callable, Iterable
from typing import Any

from matchsite.wsgi import application as site


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the site does."""
    cookies = [environ.get("HTTP_COOKIE", "")]
    if key := environ.get("HTTP_X_SESSION"):
        cookies.append(f"__Host-sessionid={key}")
    told = {"HTTP_COOKIE": "; ".join(filter(None, cookies)), "wsgi.url_scheme": "https"}
    answer: Iterable[bytes] = site(environ | told, start_response)
    return answer
