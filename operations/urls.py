"""Addresses of what the public may see of how well the site works, and of what machines ask."""

from django.urls import path

from operations import views

app_name = "operations"

urlpatterns = [
    path("how-good/", views.how_good, name="how-good"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
