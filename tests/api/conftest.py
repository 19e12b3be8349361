"""Fixtures for the API: two people who were shown each other, and clients that speak JSON."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import Profile, User
from surveys.models import MeasurementVersion
from tests.population import make_active_versions
from tests.recommendations.builders import make_people, show_each_other


@pytest.fixture
def version(db: None) -> MeasurementVersion:
    """The published measurement version: the reference model."""
    return make_active_versions()


@pytest.fixture
def pair(version: MeasurementVersion) -> tuple[User, User]:
    """Two people open for friendship who were shown each other."""
    ada, ben = make_people(version, 2)
    Profile.objects.filter(user=ada).update(display_name="Ada", contact="ada's bell")
    Profile.objects.filter(user=ben).update(display_name="Ben", contact="ben's bell", bio="Likes boats.")
    show_each_other(ada, ben)
    return ada, ben


@pytest.fixture
def signed_in() -> Callable[[User], APIClient]:
    """Makes clients whose session belongs to a person."""

    def make(user: User) -> APIClient:
        client = APIClient()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def ada(pair: tuple[User, User], signed_in: Callable[[User], APIClient]) -> APIClient:
    """The first of the pair, signed in."""
    return signed_in(pair[0])


@pytest.fixture
def ben(pair: tuple[User, User], signed_in: Callable[[User], APIClient]) -> APIClient:
    """The second of the pair, signed in."""
    return signed_in(pair[1])
