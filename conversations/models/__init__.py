"""What two people write to each other."""

from conversations.models.message import LONGEST_TEXT, Message
from conversations.models.reading import Reading

__all__ = ["LONGEST_TEXT", "Message", "Reading"]
