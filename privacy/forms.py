"""Asking whether it is really meant."""

from django import forms

WORD = "delete"


class DeletionForm(forms.Form):
    """One typed word, because no click can be taken back here."""

    word = forms.CharField(
        label=f"Type “{WORD}” to go on",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_word(self) -> str:
        """Accept the word alone, in any case."""
        word: str = self.cleaned_data["word"].strip().lower()
        if word != WORD:
            raise forms.ValidationError(f"Type the word “{WORD}”, or go back; nothing has been deleted.")
        return word
