"""Addresses of the survey."""

from django.urls import path

from surveys import picture_views, views, visitor_views

app_name = "surveys"

urlpatterns = [
    path("", views.survey, name="survey"),
    path("<int:number>/", views.survey, name="statement"),
    path("first/", visitor_views.first_statements, name="first-statements"),
    path("first/answer/", visitor_views.first_answer, name="first-answer"),
    path("answer/", views.answer, name="answer"),
    path("answers/", views.answer_several, name="answer-several"),
    path("at-once/", views.at_once, name="at-once"),
    path("picture/", picture_views.own_picture, name="picture"),
    path("picture/<int:number>/", picture_views.former_picture, name="former-picture"),
    path("picture/share/", picture_views.share, name="share-picture"),
    path("again/", picture_views.retake, name="retake"),
    path("shared/<str:token>/", picture_views.shared, name="shared-picture"),
    path("shared/<str:token>/wheel.png", picture_views.shared_image, name="shared-image"),
    path("compare/", picture_views.comparisons, name="comparisons"),
    path("compare/with/<str:token>/", picture_views.invited, name="comparison-invited"),
    path("compare/<uuid:public_id>/", picture_views.comparison, name="comparison"),
    path("compare/<uuid:public_id>/agree/", picture_views.agree, name="agree-comparison"),
    path("compare/<uuid:public_id>/end/", picture_views.end, name="end-comparison"),
]
