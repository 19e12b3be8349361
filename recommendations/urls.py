"""Addresses of people."""

from django.urls import path

from recommendations.views import learning, people, sayings

app_name = "recommendations"

urlpatterns = [
    path("me/learning/", learning.learning, name="learning"),
    path("me/taste/reset/", learning.reset_taste, name="reset-taste"),
    path("next/", people.next_step, name="next-step"),
    path("people/", people.people, name="people"),
    path("people/preview/", people.preview, name="preview"),
    path("people/judged/", people.judged, name="judged"),
    path("people/sample/", sayings.sample_verdict, name="sample-verdict"),
    path("people/<uuid:public_id>/", people.person, name="person"),
    path("people/<uuid:public_id>/like-this/", people.like_this, name="like-this"),
    path("people/<uuid:public_id>/verdict/", sayings.verdict, name="verdict"),
    path("people/<uuid:public_id>/later/", sayings.defer, name="later"),
    path("people/<uuid:public_id>/block/", sayings.block, name="block"),
    path("people/<uuid:public_id>/report/", sayings.report, name="report"),
]
