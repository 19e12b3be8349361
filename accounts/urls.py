"""Addresses of a person's own pages."""

from django.urls import path

from accounts import circle_views, photo_views, settings_views, views

app_name = "accounts"

urlpatterns = [
    path("", views.profile, name="profile"),
    path("edit/", views.edit_profile, name="edit-profile"),
    path("settings/", settings_views.settings, name="settings"),
    path("settings/seen/", settings_views.seen, name="settings-seen"),
    path("settings/mails/", settings_views.mails, name="settings-mails"),
    path("settings/theme/", settings_views.theme, name="settings-theme"),
    path("settings/unblock/", settings_views.unblock, name="unblock"),
    path("settings/end-session/", settings_views.end_session, name="end-session"),
    path("mails/stop/<str:token>/", settings_views.unsubscribe, name="unsubscribe"),
    path("photo/", photo_views.photo, name="photo"),
    path("photo/audience/", photo_views.audience, name="photo-audience"),
    path("photo/remove/", photo_views.remove, name="remove-photo"),
    path("photo/<str:token>/", photo_views.picture, name="picture"),
    path("notices/read/", settings_views.read_notices, name="read-notices"),
    path("pause/", views.pause, name="pause"),
    path("towns/", views.towns, name="towns"),
    path("welcome/", views.onboarding, name="onboarding"),
    path("purposes/", views.purposes, name="purposes"),
    path("consents/", views.consents, name="consents"),
    path("circles/", circle_views.circles, name="circles"),
    path("circles/start/", circle_views.start, name="start-circle"),
    path("circles/join/", circle_views.join, name="join"),
    path("circles/join/<slug:code>/", circle_views.join, name="join"),
    path("circles/<uuid:public_id>/", circle_views.circle, name="circle"),
    path("circles/<uuid:public_id>/leave/", circle_views.leave, name="leave-circle"),
    path("circles/<uuid:public_id>/listing/", circle_views.listing, name="circle-listing"),
    path("circles/<uuid:public_id>/link/", circle_views.renew_link, name="renew-circle-link"),
    path("circles/<uuid:public_id>/close/", circle_views.close, name="close-circle"),
    path("circles/<uuid:public_id>/remove/", circle_views.remove, name="remove-from-circle"),
    path("circles/<uuid:public_id>/remove-unlisted/", circle_views.remove_unlisted, name="remove-unlisted-from-circle"),
]
