"""The suite runs on the database it says it runs on."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_run_uses_the_database_it_was_asked_to_use(expected_vendor: str) -> None:
    connection.ensure_connection()
    assert connection.vendor == expected_vendor


@pytest.mark.django_db
@pytest.mark.postgres
def test_postgres_offers_vectors() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
        assert cursor.fetchone() == (1,)
