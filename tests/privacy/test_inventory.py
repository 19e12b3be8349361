"""Every model with a person has an entry, and every entry names columns that exist."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CASCADE, Field, ForeignKey, Model

from accounts.models import User
from privacy.inventory import INVENTORY, Entry, Fate

# Links between staff and what they may do; members have none.
PERMISSIONS = {User.groups.through, User.user_permissions.through}
# Rows of a person that name nobody in a column.
WITHOUT_A_COLUMN = {Session}
OWN_APPS = ("accounts", "surveys", "recommendations", "conversations", "operations", "privacy")


def paths_to_people(model: type[Model]) -> Iterator[str]:
    """Return the columns of a model that lead to a person, and to a row that goes together with a person's."""
    for column in model._meta.concrete_fields:
        if isinstance(column, ForeignKey) and column.related_model is User:
            yield column.name


def with_people() -> list[type[Model]]:
    """Return every model that has a person in a column."""
    models = (model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy)
    return [model for model in models if list(paths_to_people(model)) and model not in PERMISSIONS]


def column_of(model: type[Model], path: str) -> Field:
    """Return the column at the end of a path."""
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model._meta.pk if last == "pk" else model._meta.get_field(last)  # type: ignore[return-value]


def test_every_model_with_a_person_is_listed_once() -> None:
    listed = [entry.model for entry in INVENTORY]
    assert len(listed) == len(set(listed))
    missing = [model._meta.label for model in with_people() if model not in listed]
    assert missing == []


def test_every_way_to_a_person_is_named() -> None:
    for entry in INVENTORY:
        named = {path for path in (*entry.owners, *entry.others) if "__" not in path}
        if entry.model is not User:
            assert set(paths_to_people(entry.model)) == named, entry.name


def test_what_belongs_to_a_row_of_a_person_is_listed_too() -> None:
    listed = {entry.model for entry in INVENTORY}
    for entry in INVENTORY:
        if entry.fate is not Fate.DELETED:
            continue
        for relation in entry.model._meta.related_objects:
            owned = relation.on_delete is CASCADE and relation.field.model._meta.app_label in OWN_APPS
            assert not owned or relation.field.model in listed, relation.field.model


@pytest.mark.parametrize("entry", INVENTORY, ids=lambda entry: entry.name)
def test_every_exported_column_exists(entry: Entry) -> None:
    assert bool(entry.exported) != bool(entry.unexported)
    for path in (*entry.exported, *entry.owners, *entry.others):
        assert column_of(entry.model, path)
    for name in entry.own_side:
        assert all(column_of(entry.model, f"{owner}_{name}") for owner in entry.owners)
    assert set(entry.decoded) <= set(entry.exported)
    with pytest.raises(FieldDoesNotExist):
        column_of(entry.model, "no_such_column")


def test_what_is_let_go_can_be_let_go() -> None:
    for entry in INVENTORY:
        if entry.fate is Fate.LET_GO:
            assert all(column_of(entry.model, owner).null for owner in entry.owners)


def test_no_secret_is_exported() -> None:
    secrets = {"password", "key", "data", "without", "without_challenger", "session_key"}
    assert not [entry.name for entry in INVENTORY if secrets & set(entry.exported)]
