"""Addresses of the survey."""

from django.urls import path

from surveys import views

app_name = "surveys"

urlpatterns = [
    path("", views.survey, name="survey"),
    path("<int:number>/", views.survey, name="statement"),
    path("answer/", views.answer, name="answer"),
    path("picture/", views.own_picture, name="picture"),
    path("again/", views.retake, name="retake"),
]
