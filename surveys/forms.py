"""What the survey pages send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ml.items import N_ITEMS
from surveys.services.answers import HIGHEST_ANSWER, MISSED


class AnswerForm(forms.Form):
    """One answer to one statement, and what the page showed as the answer until then."""

    item = forms.IntegerField(min_value=0, max_value=N_ITEMS - 1)
    value = forms.IntegerField(min_value=MISSED, max_value=HIGHEST_ANSWER)
    seen = forms.IntegerField(min_value=MISSED, max_value=HIGHEST_ANSWER, required=False)


class SeveralForm(forms.Form):
    """Answers to several statements, each in a field that is named after its item; what is left out is skipped."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed on as they came
        for name in self.data:
            if name.startswith(("answer-", "seen-")):
                self.fields[name] = forms.IntegerField(min_value=MISSED, max_value=HIGHEST_ANSWER)

    @property
    def values(self) -> dict[int, int]:
        """The answers by item."""
        return self._by_item("answer-")

    @property
    def seen(self) -> dict[int, int]:
        """What the page showed, by item."""
        return self._by_item("seen-")

    def clean(self) -> dict[str, int]:
        """Refuse statements that there are not."""
        data = super().clean() or {}
        numbers = [name.partition("-")[2] for name in data]
        if not all(number.isdecimal() and int(number) < N_ITEMS for number in numbers):
            raise forms.ValidationError(_("There is no such statement."))
        return data

    def _by_item(self, prefix: str) -> dict[int, int]:
        return {
            int(name.removeprefix(prefix)): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }
