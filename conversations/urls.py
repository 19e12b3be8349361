"""Addresses of matches and conversations."""

from django.urls import path

from conversations.views import conversation, pair, parting

app_name = "conversations"

urlpatterns = [
    path("matches/", conversation.match_list, name="list"),
    path("matches/apart/", parting.apart, name="apart"),
    path("matches/<uuid:public_id>/", conversation.conversation, name="conversation"),
    path("matches/<uuid:public_id>/earlier/<int:before>/", conversation.earlier, name="earlier"),
    path("matches/<uuid:public_id>/messages/", conversation.send, name="send"),
    path("matches/<uuid:public_id>/messages/<uuid:message_id>/", conversation.edit, name="edit"),
    path("matches/<uuid:public_id>/messages/<uuid:message_id>/delete/", conversation.take_away, name="take-away"),
    path("matches/<uuid:public_id>/news/", conversation.new, name="news"),
    path("matches/<uuid:public_id>/contact/", pair.contact, name="contact"),
    path("matches/<uuid:public_id>/picture/", pair.opening, name="opening"),
    path("matches/<uuid:public_id>/how-it-went/", pair.how_it_went, name="how-it-went"),
    path("matches/<uuid:public_id>/end/", parting.part, name="part"),
    path("matches/<uuid:public_id>/block/", parting.block, name="block"),
    path("matches/<uuid:public_id>/report/", parting.report, name="report"),
    path("matches/<uuid:public_id>/unsafe/", parting.unsafe, name="unsafe"),
]
