"""What the pages about other people send."""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import Circle, Purpose, Reach
from accounts.models.preference import OLDEST_AGE
from accounts.models.user import ADULT_AGE
from recommendations.models import VerdictValue
from recommendations.models.verdict import LONGEST_NOTE
from recommendations.notes import without_links
from recommendations.services.narrowing import FIELDS, Narrowing

LONGEST_QUERY = 300


class PlaceForm(forms.Form):
    """For which purpose something is said, and where the person was when they said it."""

    BACK = ("people", "person", "judged", "match")

    purpose = forms.ChoiceField(choices=Purpose.choices)
    back = forms.ChoiceField(choices=[(page, page) for page in BACK], required=False)
    filters = forms.CharField(required=False, max_length=LONGEST_QUERY)

    def clean_filters(self) -> dict[str, str]:
        """Return the filters of the page that somebody comes from, and nothing else that an address may hold."""
        return {name: value for name, value in parse_qsl(self.cleaned_data["filters"]) if name in FIELDS}


class VerdictForm(PlaceForm):
    """A like, perhaps with a note, a pass or its taking back."""

    value = forms.ChoiceField(choices=VerdictValue.choices)
    note = forms.CharField(
        label=_("A note"),
        help_text=_("Delivered only if you match. Nobody sees it before."),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
        validators=[without_links],
        error_messages={"max_length": _("At most %(limit_value)d characters; this is %(show_value)d.")},
    )

    @property
    def is_bad_note(self) -> bool:
        """Whether nothing is wrong but the note."""
        return set(self.errors) == {"note"}

    @property
    def said_note(self) -> str | None:
        """The note that was sent; None where there was no field for it, and an old one stays."""
        return str(self.cleaned_data["note"]) if "note" in self.data else None


class DeferralForm(PlaceForm):
    """A "not now", or its taking back."""

    is_taken_back = forms.BooleanField(required=False)


class SampleVerdictForm(PlaceForm):
    """What is said of a sample person."""

    value = forms.ChoiceField(choices=VerdictValue.choices)
    token = forms.CharField(max_length=64)


class FilterForm(forms.Form):
    """What one view of the people is narrowed to; the rules that last are changed elsewhere."""

    circle = forms.ChoiceField(label=_("Among"), required=False)
    youngest = forms.IntegerField(label=_("From age"), required=False, min_value=ADULT_AGE, max_value=OLDEST_AGE)
    oldest = forms.IntegerField(label=_("To age"), required=False, min_value=ADULT_AGE, max_value=OLDEST_AGE)
    place = forms.ChoiceField(label=_("Living in"), required=False)

    language = forms.ChoiceField(label=_("Speaking"), required=False)

    def __init__(
        self, *args: Any, circles: list[Circle], has_city: bool, spoken: Collection[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.circles = {str(circle.public_id): circle for circle in circles}
        names = [(public_id, circle.name) for public_id, circle in self.circles.items()]
        self._choose("circle", [("", gettext("Everyone")), *names], is_asked=bool(circles))
        near = [(reach.value, reach.label) for reach in Reach if reach != Reach.ANYWHERE]
        self._choose("place", [("", gettext("Anywhere")), *near], is_asked=has_city)
        mine = [(code, languages.OFFERED[code]) for code in languages.OFFERED if code in spoken]
        self._choose("language", [("", gettext("Any language")), *mine], is_asked=bool(mine))

    def _choose(self, name: str, choices: list[tuple[str, Any]], *, is_asked: bool) -> None:
        """Give a field its choices, or leave it out where there is nothing to choose."""
        if is_asked:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Check that the ages are a range."""
        data = super().clean() or {}
        youngest, oldest = data.get("youngest"), data.get("oldest")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("oldest", gettext("This is less than the age to begin with."))
        return data

    @property
    def narrowing(self) -> Narrowing:
        """What is asked for, without what is not understood."""
        data = self.cleaned_data
        return Narrowing(
            circle=self.circles.get(data.get("circle") or ""),
            youngest=data.get("youngest"),
            oldest=data.get("oldest"),
            place=data.get("place") or "",
            language=data.get("language") or "",
        )
