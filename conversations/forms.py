"""What people fill in on the pages of matches and conversations."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Report
from conversations.models import LONGEST_TEXT
from conversations.services.parting import NOTE

LONGEST_DETAILS = 1000
TOO_LONG = _("At most %(limit_value)s characters fit into one message; this has %(show_value)d.")


class MessageField(forms.CharField):
    """A text whose line ends count once, as in the browser's counter."""

    def to_python(self, value: Any) -> Any:
        """Return the text with line ends of one character."""
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let a browser take what is too long: cutting what was pasted would lose the rest of it."""
        return {}


class MessageForm(forms.Form):
    """The words of a message."""

    text = MessageField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Write a word or two first."), "max_length": TOO_LONG},
        widget=forms.Textarea({"rows": 2, "data-longest": LONGEST_TEXT, "autocomplete": "off"}),
    )


class NewMessageForm(MessageForm):
    """A new message; the token makes it one however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    after = forms.IntegerField(min_value=0, required=False)

    @classmethod
    def empty(cls, *, text: str = "") -> "NewMessageForm":
        """Return a form with a token of its own, and words to begin with."""
        return cls(initial={"token": uuid.uuid4(), "text": text})


class NewsForm(forms.Form):
    """What a page asks for: all that happened after a revision, and whether somebody is looking."""

    after = forms.IntegerField(min_value=0)
    seen = forms.BooleanField(required=False)


class ChoiceForm(forms.Form):
    """Which conversations a list shows."""

    purpose = forms.CharField(required=False)
    circle = forms.UUIDField(required=False)
    page = forms.IntegerField(min_value=1, required=False)


class ContactForm(forms.Form):
    """Whether a match may know how to reach one; an unticked box is a no."""

    shares = forms.BooleanField(required=False)


class OpeningForm(forms.Form):
    """Whether a match may see one's picture; an unticked box is a no."""

    opens = forms.BooleanField(required=False)


YES_OR_NO = (("yes", _("Yes")), ("no", _("No")))


class HowItWentForm(forms.Form):
    """Two private questions; the second only matters after a yes to the first."""

    met = forms.ChoiceField(
        label=_("Did you meet, or work together?"),
        choices=YES_OR_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no, or say that you do not want to be asked.")},
    )
    again = forms.ChoiceField(label=_("Would you again?"), choices=YES_OR_NO, required=False, widget=forms.RadioSelect)


class ReportForm(forms.Form):
    """What is reported, and why."""

    about = forms.CharField(required=False)
    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=Report.Reason.choices,
        error_messages={"required": _("Choose what is wrong.")},
    )
    details = forms.CharField(
        label=_("What we should know"),
        required=False,
        max_length=LONGEST_DETAILS,
        widget=forms.Textarea({"rows": 4}),
    )
    blocks = forms.BooleanField(
        label=_("Block this person too: neither of us sees the other again"), required=False, initial=True
    )

    def clean_about(self) -> uuid.UUID | str | None:
        """Return the id of a message, the word for the note that came with the like, or None for all that was said."""
        about: str = self.cleaned_data["about"]
        if about in {"", NOTE}:
            return about or None
        try:
            return uuid.UUID(about)
        except ValueError:
            raise forms.ValidationError(_("Choose what it is about.")) from None


class UnsafeForm(forms.Form):
    """What somebody who feels unsafe may add; nothing has to be explained."""

    details = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=LONGEST_DETAILS,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("You need not write anything."),
    )
