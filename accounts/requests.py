"""The request of somebody who is signed in, for the type checker."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class MemberRequest(HttpRequest):
    """What a view gets behind `login_required`."""

    user: User
    htmx: HtmxDetails
