"""Conversations in Django admin: that people write is to be seen, what they write is not."""

from django.contrib import admin

from conversations.models import Message, Reading
from surveys.admin import HistoryAdmin


@admin.register(Message)
class MessageAdmin(HistoryAdmin):
    """When somebody wrote to somebody; nobody reads here, the text stays between the two."""

    list_display = ("written_at", "sender", "match", "edited_at", "deleted_at", "is_demo")
    list_filter = ("is_demo", ("deleted_at", admin.EmptyFieldListFilter), "written_at")
    search_fields = ("public_id", "sender__public_id", "match__public_id")
    fields = ("public_id", "sender", "match", "written_at", "edited_at", "deleted_at", "is_demo")
    list_select_related = ("sender", "match")
    ordering = ("-written_at",)


@admin.register(Reading)
class ReadingAdmin(HistoryAdmin):
    """How far people have read."""

    list_display = ("read_at", "user", "match", "up_to")
    search_fields = ("user__public_id", "match__public_id")
    list_select_related = ("user", "match")
    ordering = ("-read_at",)
