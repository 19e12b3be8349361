"""Addresses of a person's own pages."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.profile, name="profile"),
    path("edit/", views.edit_profile, name="edit-profile"),
    path("pause/", views.pause, name="pause"),
    path("towns/", views.towns, name="towns"),
    path("welcome/", views.onboarding, name="onboarding"),
    path("purposes/", views.purposes, name="purposes"),
    path("consents/", views.consents, name="consents"),
    path("circles/", views.circles, name="circles"),
    path("circles/join/", views.join, name="join"),
    path("circles/join/<slug:code>/", views.join, name="join"),
    path("circles/<uuid:public_id>/", views.circle, name="circle"),
    path("circles/<uuid:public_id>/leave/", views.leave, name="leave-circle"),
]
