"""The site's addresses: each app brings its own below one prefix."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from rest_framework.authtoken.models import TokenProxy

from accounts.settings_views import SessionsView
from matchsite import views

# The page of the package would make tokens that open nothing: ours are kept as digests.
admin.site.unregister(TokenProxy)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.landing, name="landing"),
    path("how-it-works/", views.how_it_works, name="how-it-works"),
    path("privacy/", views.privacy, name="privacy"),
    path("help/", views.help_page, name="help"),
    path("terms/", views.terms, name="terms"),
    path("safety/", views.safety, name="safety"),
    path("healthz", views.healthz, name="healthz"),
    # In the place of allauth's own page of that name.
    path("accounts/sessions/", SessionsView.as_view(), name="usersessions_list"),
    path("accounts/", include("allauth.urls")),
    path("me/data/", include("privacy.urls")),
    path("me/", include("accounts.urls")),
    path("survey/", include("surveys.urls")),
    path("", include("recommendations.urls")),
    path("", include("conversations.urls")),
    path("", include("operations.urls")),
    path("api/v1/", include("matchsite.api.urls")),
    path("admin/", admin.site.urls),
]
