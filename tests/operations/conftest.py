"""The version that the hand-computed impressions were ranked by."""

import pytest

from recommendations.models import PreferenceVersion
from tests.population import make_active_versions


@pytest.fixture
def version(db: None) -> PreferenceVersion:
    """A published version that predicts a like from one half on."""
    make_active_versions()
    PreferenceVersion.objects.update(thresholds={"friend": 0.5})
    return PreferenceVersion.objects.get(is_active=True)
