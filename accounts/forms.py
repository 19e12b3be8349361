"""Forms of a person's own pages."""

import datetime
from typing import Any, ClassVar

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.utils import timezone

from accounts import places
from accounts.models import ADULT_AGE, Circle, Gender, Preference, Profile, Purpose, Report, WantedGender, adult_on

OLDEST_BIRTH = datetime.date(1900, 1, 1)


class SignupForm(AllauthSignupForm):
    """Sign-up asks for a name to be shown and for the birth date."""

    display_name = forms.CharField(
        label="Name",
        max_length=40,
        help_text="What others call you here.",
        widget=forms.TextInput({"autocomplete": "nickname"}),
    )
    birth_date = forms.DateField(
        help_text=f"Kindred is for people of {ADULT_AGE} and older. Others see your age at most, never the date.",
        widget=forms.DateInput({"type": "date", "autocomplete": "bday"}),
    )
    field_order = ("display_name", "email", "birth_date", "password1")

    def clean_birth_date(self) -> datetime.date:
        """Refuse who is not grown up today."""
        birth_date: datetime.date = self.cleaned_data["birth_date"]
        if not OLDEST_BIRTH <= birth_date <= timezone.localdate():
            raise forms.ValidationError("This is not a birth date. Write it as year-month-day.")
        if adult_on(birth_date) > timezone.localdate():
            raise forms.ValidationError(
                f"Kindred is for people of {ADULT_AGE} and older. Nothing you typed here was kept."
            )
        return birth_date


class ProfileForm(forms.ModelForm):
    """What others see; the city is typed and found in a list."""

    place = forms.CharField(
        label="City",
        required=False,
        max_length=100,
        help_text="The nearest town of a list; a country after a comma tells towns of one name apart.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    class Meta:
        model = Profile
        fields = ("display_name", "headline", "bio", "gender", "gender_words", "contact", "is_paused")
        labels: ClassVar = {"gender_words": "In your own words", "contact": "How a match can reach you"}
        widgets: ClassVar = {"bio": forms.Textarea({"rows": 4})}

    field_order = ("display_name", "headline", "bio", "place", "gender", "gender_words", "contact", "is_paused")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        self.fields["is_paused"].label = "Pause: show me to nobody"
        self.fields["is_paused"].help_text = ""
        self.initial["place"] = str(places.city(self.instance.city) or "")

    def clean_place(self) -> places.City | None:
        """Find the city that was typed."""
        text = self.cleaned_data["place"].strip()
        if not text:
            return None
        found = places.search(text)
        if not found:
            raise forms.ValidationError("No town of this name is in the list. Try the next larger one.")
        named_alike = [place for place in found if place.name.casefold() == text.partition(",")[0].strip().casefold()]
        return named_alike[0] if named_alike else found[0]

    def clean(self) -> dict[str, Any]:
        """Keep own words only for who chose them."""
        data = super().clean() or {}
        if data.get("gender") != Gender.OWN_WORDS:
            data["gender_words"] = ""
        return data

    def save(self, commit: bool = True) -> Profile:
        """Save the city with its country."""
        place = self.cleaned_data["place"]
        self.instance.city = place.id if place else None
        self.instance.country = place.country if place else ""
        saved: Profile = super().save(commit)
        return saved


class PreferenceForm(forms.ModelForm):
    """One purpose: whether one is here for it, who may see one, and which ages fit both ways."""

    class Meta:
        model = Preference
        fields = ("is_active", "visibility", "youngest", "oldest")
        labels: ClassVar = {"youngest": "From age", "oldest": "To age", "visibility": "Who may see me"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purpose = Purpose(self.instance.purpose)
        self.fields["is_active"].label = f"I am here for: {purpose.label.lower()}"
        if purpose == Purpose.DATE:
            self.fields["wanted"] = forms.MultipleChoiceField(
                label="Whom I want to date",
                required=False,
                choices=[(gender.value, gender.label) for gender in WantedGender.WANTED],
                widget=forms.CheckboxSelectMultiple,
                help_text="Leave all open for everyone. Keeping a choice needs your consent below.",
                initial=self._wanted(),
            )
            self.fields["keep_wanted"] = forms.BooleanField(
                label="I agree that Kindred keeps which genders I want to date, to match by it and for nothing else.",
                required=False,
                initial=bool(self._wanted()),
            )

    def _wanted(self) -> list[str]:
        if self.instance.pk is None:
            return []
        return list(self.instance.wanted_genders.values_list("gender", flat=True))

    def clean(self) -> dict[str, Any]:
        """Check the ages, and that a choice of genders comes with its consent."""
        data = super().clean() or {}
        youngest, oldest = data.get("youngest"), data.get("oldest")
        if youngest is not None and youngest < ADULT_AGE:
            self.add_error("youngest", f"Nobody here is younger than {ADULT_AGE}.")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("oldest", "This is less than the age to begin with.")
        if data.get("wanted") and not data.get("keep_wanted"):
            self.add_error("keep_wanted", "Without this consent the choice cannot be kept: agree, or leave all open.")
        return data


class ConsentForm(forms.Form):
    """The decisions that are asked for one by one."""

    matching = forms.BooleanField(
        required=False,
        label="I want to answer the survey and be matched by it.",
        help_text="Without this there are no lists: your answers are what people are found by.",
    )
    training = forms.BooleanField(
        required=False,
        label="My answers may help to train the model.",
        help_text="Only as sums over many people. You are matched just the same without it.",
    )
    mail = forms.BooleanField(
        required=False, label="Write me an e-mail when there is a match.", help_text="Nothing else is sent."
    )


class CircleForm(forms.ModelForm):
    """A new circle."""

    class Meta:
        model = Circle
        fields = ("name", "description")


class JoinForm(forms.Form):
    """An invitation code."""

    code = forms.CharField(label="Invitation code", max_length=40)


class ReportForm(forms.Form):
    """Why somebody is reported."""

    reason = forms.ChoiceField(choices=Report.Reason.choices)
    details = forms.CharField(required=False, max_length=1000, widget=forms.Textarea({"rows": 3}))
