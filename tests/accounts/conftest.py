"""Somebody who is signed in."""

import pytest
from django.test import Client

from accounts.models import User
from tests.builders import make_member


@pytest.fixture
def ada(client: Client) -> User:
    user = make_member(display_name="Ada")
    client.force_login(user)
    return user
