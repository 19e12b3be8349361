"""Addresses of what the public may see of how well the site works."""

from typing import Any

app_name = "operations"

urlpatterns: list[Any] = []
