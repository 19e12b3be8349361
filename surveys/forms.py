"""What the survey page sends."""

from django import forms

from ml.items import N_ITEMS
from surveys.services.answers import HIGHEST_ANSWER, MISSED


class AnswerForm(forms.Form):
    """One answer to one statement."""

    item = forms.IntegerField(min_value=0, max_value=N_ITEMS - 1)
    value = forms.IntegerField(min_value=MISSED, max_value=HIGHEST_ANSWER)
