"""Asking whether it is really meant."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORD = "delete"


class DeletionForm(forms.Form):
    """One typed word, because no click can be taken back here."""

    word = forms.CharField(
        label=format_lazy(gettext_lazy("Type “{word}” to go on"), word=WORD),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_word(self) -> str:
        """Accept the word alone, in any case."""
        word: str = self.cleaned_data["word"].strip().lower()
        if word != WORD:
            raise forms.ValidationError(
                _("Type the word “%(word)s”, or go back; nothing has been deleted.") % {"word": WORD}
            )
        return word
