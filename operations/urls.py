"""Addresses of what the public may see of how well the site works."""

from django.urls import path

from operations import views

app_name = "operations"

urlpatterns = [
    path("how-good/", views.how_good, name="how-good"),
]
