"""The app of what a match opens: two people who write to each other."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Messages between two who matched."""

    name = "conversations"
    verbose_name = "Conversations"
