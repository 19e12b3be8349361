"""Forms of a person's own pages."""

import datetime
from typing import Any, ClassVar

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import languages, places
from accounts.models import ADULT_AGE, Circle, Consent, Gender, Photo, Preference, Profile, Purpose, Report, adult_on
from accounts.models.notification import Frequency, Notification
from accounts.models.preference import LARGEST_ROOM, OLDEST_AGE, WantedGender
from accounts.services import profiles

OLDEST_BIRTH = datetime.date(1900, 1, 1)
LONGEST_PLACE = 100


class SignupForm(AllauthSignupForm):
    """Sign-up asks for a name to be shown and for the birth date."""

    display_name = forms.CharField(
        label=_("Name"),
        max_length=40,
        help_text=_("What others call you here."),
        widget=forms.TextInput({"autocomplete": "nickname"}),
    )
    birth_date = forms.DateField(
        label=_("Birth date"),
        help_text=format_lazy(
            _("Kindred is for people of {age} and older. Others see your age at most, never the date."), age=ADULT_AGE
        ),
        widget=forms.DateInput({"type": "date", "autocomplete": "bday"}),
    )
    field_order = ("display_name", "email", "birth_date", "password1")

    def clean_birth_date(self) -> datetime.date:
        """Refuse who is not grown up today."""
        birth_date: datetime.date = self.cleaned_data["birth_date"]
        if not OLDEST_BIRTH <= birth_date <= timezone.localdate():
            raise forms.ValidationError(_("This is not a birth date. Write it as year-month-day."))
        if adult_on(birth_date) > timezone.localdate():
            raise forms.ValidationError(
                _("Kindred is for people of %(age)s and older. Nothing you typed here was kept.") % {"age": ADULT_AGE}
            )
        return birth_date


class ProfileForm(forms.ModelForm):
    """What others see; the city is typed and found in a list, and chosen when several have the name."""

    place = forms.CharField(
        label=_("City"),
        required=False,
        max_length=LONGEST_PLACE,
        help_text=_("The nearest town of a list. A country after a comma tells towns of one name apart."),
    )

    languages = forms.MultipleChoiceField(
        label=_("Languages I speak"),
        required=False,
        choices=sorted(languages.OFFERED.items(), key=lambda pair: str(pair[1])),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Profile
        fields: ClassVar = ["display_name", "headline", "bio", "gender", "gender_words", "contact"]
        labels: ClassVar = {
            "display_name": _("Name"),
            "headline": _("Headline"),
            "gender": _("Gender"),
            "bio": _("About you"),
            "gender_words": _("In your own words"),
            "contact": _("How a match can reach you"),
        }
        help_texts: ClassVar = {
            "gender_words": _("Kept only if you chose “In my own words” above."),
            "contact": _("An address or a number of your choice. Shown to a match only when you both choose to."),
        }
        widgets: ClassVar = {
            "display_name": forms.TextInput({"autocomplete": "nickname"}),
            "bio": forms.Textarea({"rows": 4}),
        }

    field_order = (
        *("display_name", "headline", "bio", "place", "town", "languages", "gender", "gender_words", "contact"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lived_in = places.city(self.instance.city)
        self.initial["place"] = str(self.lived_in or "")
        if self.instance.pk is not None:
            self.initial["languages"] = list(self.instance.languages.values_list("code", flat=True))
        self.fields["place"].widget.attrs |= {
            # The browser's own list fills while somebody types; without JavaScript it stays empty.
            "list": "towns",
            "autocomplete": "off",
            "hx-get": reverse_lazy("accounts:towns"),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": "#towns",
        }
        self.towns = self._towns_meant()
        if len(self.towns) > 1:
            self.fields["town"] = forms.ChoiceField(
                label=_("Which one?"),
                required=False,
                choices=[(town.id, self._told_apart(town)) for town in self.towns],
                widget=forms.RadioSelect,
            )
        self.order_fields(self.field_order)

    def _towns_meant(self) -> list[places.City]:
        """Return the towns that the typed name can mean; a name left as it was means the town it meant before."""
        if not self.is_bound:
            return []
        text = str(self["place"].data or "").strip()[:LONGEST_PLACE]
        if self.lived_in is not None and text == str(self.lived_in):
            return [self.lived_in]
        return places.meant_by(text)

    def _told_apart(self, town: places.City) -> str:
        """Return a town's name, with its size where another one reads the same."""
        if [str(other) for other in self.towns].count(str(town)) == 1:
            return str(town)
        return f"{town} ({town.population:,} people)"

    def clean_place(self) -> str:
        """Refuse a town that is not in the list."""
        text: str = self.cleaned_data["place"]
        if text and not self.towns:
            raise forms.ValidationError(_("No town of this name is in the list. Try the next larger one."))
        return text

    def clean(self) -> dict[str, Any]:
        """Keep own words only for who chose them, and ask which town is meant."""
        data = super().clean() or {}
        if data.get("gender") != Gender.OWN_WORDS:
            data["gender_words"] = ""
        if "town" in self.fields and "town" not in self.errors and not data.get("town"):
            self.add_error("town", _("Several towns fit this name. Choose yours."))
        return data

    def save(self, commit: bool = True) -> Profile:
        """Save the city with its country."""
        chosen = self.cleaned_data.get("town")
        towns = [town for town in self.towns if not chosen or str(town.id) == chosen]
        town = towns[0] if towns and self.cleaned_data["place"] else None
        self.instance.city = town.id if town else None
        self.instance.country = town.country if town else ""
        saved: Profile = super().save(commit=False)
        if commit:
            profiles.keep(profile=saved, languages=self.cleaned_data["languages"])
        return saved


class WelcomeForm(ProfileForm):
    """What is asked of a newcomer: the profile without what only matters later."""

    class Meta(ProfileForm.Meta):
        fields: ClassVar = ["display_name", "headline", "bio", "gender", "gender_words"]


class PhotoForm(forms.Form):
    """A picture file; whether it is one is found out when it is read."""

    picture = forms.FileField(
        label=_("Picture file"),
        help_text=_("JPEG, PNG or WebP, at most 10 MB. The middle of it is cut out as a square."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )


class AudienceForm(forms.ModelForm):
    """Who sees one's photo."""

    class Meta:
        model = Photo
        fields = ("audience",)
        labels: ClassVar = {"audience": _("My photo is seen by")}


class PreferenceForm(forms.ModelForm):
    """One purpose: whether one is here for it, who may see one, and which ages fit both ways."""

    youngest = forms.IntegerField(
        label=_("From age"),
        min_value=ADULT_AGE,
        max_value=OLDEST_AGE,
        error_messages={"min_value": _("Nobody here is younger than %(limit_value)s.")},
    )
    oldest = forms.IntegerField(label=_("To age"), min_value=ADULT_AGE, max_value=OLDEST_AGE)
    room = forms.IntegerField(
        label=_("Conversations at once"),
        min_value=1,
        max_value=LARGEST_ROOM,
        help_text=_("While you have so many going on, nobody new is shown to you, nor you to them."),
    )

    class Meta:
        model = Preference
        fields = ("is_active", "visibility", "youngest", "oldest", "reach", "room")
        labels: ClassVar = {"visibility": _("Who may see me"), "reach": _("How far away people may live")}
        help_texts: ClassVar = {
            "reach": _("This holds both ways, too. All but “Anywhere” needs the city of your profile, and of theirs.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purpose = Purpose(self.instance.purpose)
        self.fields["is_active"].label = _("I am here for: %(purpose)s") % {"purpose": purpose.label.lower()}
        if purpose == Purpose.DATE:
            self._ask_for_genders()

    def _ask_for_genders(self) -> None:
        """Ask whom a person wants to date, with the consent that keeping the choice needs."""
        wanted = []
        if self.instance.pk is not None:
            wanted = list(self.instance.wanted_genders.values_list("gender", flat=True))
        self.fields["wanted"] = forms.MultipleChoiceField(
            label=_("Whom I want to date"),
            required=False,
            choices=[(gender.value, gender.label) for gender in WantedGender.WANTED],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Leave all open to be shown everyone. Keeping a choice needs your consent below."),
            initial=wanted,
        )
        self.fields["keep_wanted"] = forms.BooleanField(
            label=_("I agree that Kindred keeps which genders I want to date."),
            help_text=_wording(Consent.Kind.WANTED_GENDERS),
            required=False,
            initial=bool(wanted),
        )

    def clean(self) -> dict[str, Any]:
        """Check that the ages are a range, and that a choice of genders comes with its consent."""
        data = super().clean() or {}
        youngest, oldest = data.get("youngest"), data.get("oldest")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("oldest", _("This is less than the age to begin with."))
        if data.get("wanted") and not data.get("keep_wanted"):
            self.add_error(
                "keep_wanted", _("Without this consent the choice cannot be kept: agree, or leave all open.")
            )
        return data


class ConsentForm(forms.Form):
    """The decisions that are asked for one by one, each with its wording; nothing is ticked beforehand."""

    matching = forms.BooleanField(required=False, label=_("I want to answer the survey and be matched by it."))
    training = forms.BooleanField(required=False, label=_("My answers may help to train the model."))
    mail = forms.BooleanField(
        required=False, label=_("Write me e-mails about matches, messages and new people, as often as I choose.")
    )
    wanted_genders = forms.BooleanField(
        required=False, label=_("Go on keeping which genders I want to date; without this the choice is deleted.")
    )

    def __init__(self, *args: Any, asks_for_genders: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_for_genders:
            del self.fields["wanted_genders"]
        for kind, field in self.fields.items():
            field.help_text = _wording(kind)


def _wording(kind: str) -> str:
    """Return what a person agrees to, in full; its version is kept with each decision."""
    return render_to_string(f"accounts/consent/{kind}.html")


class CircleForm(forms.ModelForm):
    """A new circle."""

    class Meta:
        model = Circle
        fields = ("name", "description")
        labels: ClassVar = {"name": _("Name"), "description": _("Description")}
        help_texts: ClassVar = {"description": _("One line that tells members what it is for.")}


class JoinForm(forms.Form):
    """An invitation: its code, or the whole link."""

    code = forms.CharField(
        label=_("Invitation code"),
        max_length=200,
        help_text=_("The code, or the whole link you were sent."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    is_listed = forms.BooleanField(
        label=_("The other members may see my name"),
        required=False,
        help_text=_("The owner of the circle sees it in any case. You can change this at any time."),
    )

    def clean_code(self) -> str:
        """Take the code out of a link."""
        return str(self.cleaned_data["code"]).rstrip("/").rpartition("/")[2]


class InvitationForm(JoinForm):
    """An invitation that may be left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False


class NameForm(forms.Form):
    """Who is meant, by name."""

    name = forms.CharField(max_length=40)


class ReportForm(forms.Form):
    """What of somebody is reported, and why; whoever reports is kept apart from them unless they say no."""

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        required=False,
        choices=[("person", _("The profile")), ("photo", _("The photo"))],
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Report.Reason.choices)
    details = forms.CharField(label=_("Details"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3}))
    blocks = forms.BooleanField(
        label=_("Block this person too: neither of us sees the other again"), required=False, initial=True
    )


class SeenForm(forms.Form):
    """Who is shown a person, for all purposes at once."""

    seen_by = forms.ChoiceField(
        label=_("I am shown to"),
        choices=[
            (profiles.EVERYBODY, _("everybody whose rules I fit, and who fits mine")),
            (profiles.IN_CIRCLES, _("people who share a circle with me, and nobody else")),
            (profiles.NOBODY, _("nobody: I take a pause, and my own lists are empty meanwhile")),
        ],
        widget=forms.RadioSelect,
    )


class MailForm(forms.Form):
    """Whether mails come at all, and how often for each kind."""

    is_mailed = forms.BooleanField(label=_("Write me e-mails"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Notification.Kind:
            self.fields[kind.value] = forms.ChoiceField(label=kind.label, choices=Frequency.choices)


class ThemeForm(forms.Form):
    """How the pages look in one browser."""

    theme = forms.ChoiceField(
        label=_("The pages are"),
        required=False,
        choices=[("", _("as my device has it")), ("light", _("light")), ("dark", _("dark"))],
        widget=forms.RadioSelect,
    )
