"""Addresses of the API, all in one place."""

from django.urls import path, re_path

from accounts import api as accounts
from matchsite.api import views
from recommendations import api as recommendations
from surveys import api as surveys

app_name = "api"

urlpatterns = [
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("docs/", views.DocumentationView.as_view(), name="docs"),
    path("token/", accounts.TokenView.as_view(), name="token"),
    path("profile/", accounts.ProfileView.as_view(), name="profile"),
    path("purposes/", accounts.PurposesView.as_view(), name="purposes"),
    path("purposes/<slug:purpose>/", accounts.PurposeView.as_view(), name="purpose"),
    path("survey/items/", surveys.ItemsView.as_view(), name="items"),
    path("survey/answers/", surveys.AnswersView.as_view(), name="answers"),
    path("survey/answers/<int:number>/", surveys.AnswerView.as_view(), name="answer"),
    path("survey/picture/", surveys.PictureView.as_view(), name="picture"),
    path("people/", recommendations.PeopleView.as_view(), name="people"),
    path("people/<uuid:public_id>/", recommendations.PersonView.as_view(), name="person"),
    path("verdicts/", recommendations.VerdictsView.as_view(), name="verdicts"),
    path("verdicts/samples/", recommendations.SampleVerdictsView.as_view(), name="sample-verdicts"),
    path("matches/", recommendations.MatchesView.as_view(), name="matches"),
    path("matches/<uuid:public_id>/", recommendations.MatchView.as_view(), name="match"),
    path("matches/<uuid:public_id>/contact/", recommendations.ContactView.as_view(), name="contact"),
    path("matches/<uuid:public_id>/picture/", recommendations.OpeningView.as_view(), name="opening"),
    re_path("", views.NoSuchAddressView.as_view(), name="nothing"),
]
