"""The site's settings with the linter of migrations, which only checks need.

On PostgreSQL, whose statements tell what a migration does to a table: SQLite makes most tables anew.
"""

import os

os.environ["TEST_DATABASE"] = "postgres"

from tests import database_plugin  # noqa: F401 - starts the database, before the settings read where it is

# isort: split
from matchsite.settings import *  # noqa: F403
from matchsite.settings import INSTALLED_APPS as SITE_APPS

INSTALLED_APPS = [*SITE_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": ["accounts", "surveys", "recommendations", "conversations", "operations", "privacy"],
    # The first ones make tables that no running version knows; every later one must leave the running version working.
    # A constraint that the running version could break makes it refuse for the moment of a release, not go wrong.
    # What 0003_displayed_score leaves without a default in the database gets one in 0007_database_defaults.
    # A column that only becomes wider disturbs nobody; of 0009_notes_and_not_now that was the one complaint.
    "ignore_name": [
        *("0001_initial", "0003_consent_one_newest", "0003_displayed_score", "0006_longer_filters"),
        "0009_notes_and_not_now",
    ],
    "no_cache": True,
    "quiet": ["ignore", "ok"],
}
