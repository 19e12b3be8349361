"""What migrations do to rows that are there."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.builders import make_member


@pytest.mark.django_db(transaction=True)
def test_only_the_last_decision_of_each_kind_is_marked_as_the_newest() -> None:
    one, other = make_member(), make_member()
    before = _migrate("0001_initial").get_model("accounts", "Consent")
    for user, kind, is_given in ((one, "mail", True), (one, "mail", False), (other, "mail", True)):
        before.objects.create(user_id=user.pk, kind=kind, is_given=is_given)
    after = _migrate(None).get_model("accounts", "Consent")
    newest = after.objects.filter(is_newest=True).order_by("user", "kind")
    assert list(newest.values_list("user", "kind", "is_given")) == [
        (one.pk, "mail", False),
        (one.pk, "matching", True),
        (other.pk, "mail", True),
        (other.pk, "matching", True),
    ]


def _migrate(name: str | None) -> Any:
    """Bring the tables of accounts to a migration, or to the last one, and return the models of that moment."""
    executor = MigrationExecutor(connection)
    targets = [("accounts", name)] if name else executor.loader.graph.leaf_nodes()
    return executor.migrate(targets).apps
