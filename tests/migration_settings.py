"""The site's settings with the linter of migrations, which only checks need."""

from matchsite.settings import *  # noqa: F403
from matchsite.settings import INSTALLED_APPS as SITE_APPS

INSTALLED_APPS = [*SITE_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": ["accounts", "surveys", "recommendations"],
    # The first ones make tables that no running version knows; every later one must leave the running version working.
    "ignore_name": ["0001_initial"],
    "no_cache": True,
    "quiet": ["ignore", "ok"],
}
