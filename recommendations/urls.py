"""Addresses of people and matches."""

from django.urls import path

from recommendations import views

app_name = "recommendations"

urlpatterns = [
    path("next/", views.next_step, name="next-step"),
    path("people/", views.people, name="people"),
    path("people/judged/", views.judged, name="judged"),
    path("people/sample/", views.sample_verdict, name="sample-verdict"),
    path("people/<uuid:public_id>/", views.person, name="person"),
    path("people/<uuid:public_id>/verdict/", views.verdict, name="verdict"),
    path("people/<uuid:public_id>/block/", views.block, name="block"),
    path("people/<uuid:public_id>/report/", views.report, name="report"),
    path("matches/", views.match_list, name="matches"),
    path("matches/<uuid:public_id>/", views.match, name="match"),
    path("matches/<uuid:public_id>/picture/", views.opening, name="opening"),
]
