"""What the pages about other people send."""

from django import forms

from accounts.models import Purpose
from recommendations.models import VerdictValue


class VerdictForm(forms.Form):
    """A like, a pass or its taking back, and where the person was when they said it."""

    BACK = ("people", "person", "judged", "match")

    purpose = forms.ChoiceField(choices=Purpose.choices)
    value = forms.ChoiceField(choices=VerdictValue.choices)
    circle = forms.UUIDField(required=False)
    back = forms.ChoiceField(choices=[(page, page) for page in BACK], required=False)


class SampleVerdictForm(VerdictForm):
    """What is said of a sample person."""

    token = forms.CharField(max_length=64)


class ContactForm(forms.Form):
    """Whether a match may know how to reach one."""

    shares = forms.BooleanField(required=False)


class OpeningForm(forms.Form):
    """Whether a match may see one's picture."""

    opens = forms.BooleanField(required=False)
