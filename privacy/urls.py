"""Addresses of the pages about one's own data."""

from django.urls import path

from privacy import views

app_name = "privacy"

urlpatterns = [
    path("", views.own_data, name="own-data"),
    path("copy/", views.make_copy, name="make-copy"),
    path("copy/<uuid:public_id>/", views.fetch_copy, name="fetch-copy"),
    path("delete/", views.delete_account, name="delete"),
    path("deleted/", views.deleted, name="deleted"),
]
