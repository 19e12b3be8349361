"""The people whom the pages show."""

import pytest

from tests.pages.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
