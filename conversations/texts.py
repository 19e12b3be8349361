"""First words that people may take and change, by what two of them share."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Purpose

# The keys are those of the agreements that lists show: the scale's letter and the side.
OPENERS: Mapping[tuple[str, int], Promise] = {
    ("A", 1): _("You seem to care about how others are doing. Who did you last think of?"),
    ("A", -1): _("I like that we both leave people their space. How do you spend a day that is all yours?"),
    ("B", 1): _("What have you been turning over in your mind lately?"),
    ("B", -1): _("What do you know more about than people would expect?"),
    ("D", 1): _("We both seem to speak up. What did you last set in motion?"),
    ("D", -1): _("We both seem to let others go first. Shall I begin anyway: how was your week?"),
    ("E", 1): _("Where do you go when you want good company?"),
    ("E", -1): _("What does a good quiet evening look like for you?"),
    ("F", 1): _("What is a promise that you were glad you kept?"),
    ("F", -1): _("Which rule do you break with pleasure?"),
    ("G", 1): _("Talking to new people seems easy for both of us. Where did you last get talking to somebody?"),
    ("G", -1): _("We both take our time with new people, so no hurry. What are you reading or watching?"),
    ("H", 1): _("Which book, film or song has stayed with you?"),
    ("H", -1): _("We both like things plain, so plainly: what would you like to do first?"),
    ("J", 1): _("Which idea can you not let go of at the moment?"),
    ("J", -1): _("What did you last make or mend with your hands?"),
    ("K", 1): _("We both keep private things private. What do you gladly talk about?"),
    ("K", -1): _("We both seem to talk openly. What is on your mind today?"),
    ("M", 1): _("What is the last new thing that you tried?"),
    ("M", -1): _("What has proved itself for you, year after year?"),
    ("N", 1): _("What do you like best to do on your own?"),
    ("N", -1): _("What would you rather do together than alone?"),
    ("O", 1): _("What is in perfect order at your place?"),
    ("O", -1): _("Where is the most beautiful disorder at your place?"),
}

BY_PURPOSE: Mapping[Purpose, Promise] = {
    Purpose.PROJECT: _("What would you like to build, and what are you looking for in somebody to build it with?"),
    Purpose.FRIEND: _("What would you like to do more often, if somebody came along?"),
    Purpose.DATE: _("What would be a first meeting that you look forward to?"),
}
