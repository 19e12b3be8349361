"""What operators fill in."""

from typing import Any

from django import forms

from operations.models import Decision
from operations.models.moderation import SHORTEST_REASON
from operations.services import moderation
from operations.services.moderation import Case, Orders
from recommendations.models import PreferenceVersion
from recommendations.models.experiment import LARGEST_SHARE, MOST_DAYS
from recommendations.services import experiments
from surveys.models import MeasurementVersion

Version = MeasurementVersion | PreferenceVersion

LONGEST_SUSPENSION = 365
# Of versions that can be compared, the newest are offered; a site that learns every day has hundreds.
MOST_CHOICES = 60


class DecisionForm(forms.Form):
    """What is done about a report or a flag, and why."""

    action = forms.ChoiceField(choices=Decision.Action, widget=forms.RadioSelect)
    removes = forms.MultipleChoiceField(
        label="What is removed", required=False, widget=forms.CheckboxSelectMultiple, help_text="Only with “Remove”."
    )
    days = forms.IntegerField(
        label="Days of a suspension", required=False, min_value=1, max_value=LONGEST_SUSPENSION, initial=7
    )
    says = forms.CharField(
        label="What the person is told",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text="By mail, and on the next page that they open. A warning needs it; leave out who reported.",
    )
    note = forms.CharField(
        label="Why, for operators alone",
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Stays with the decision for good.",
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        removes: Any = self.fields["removes"]
        removes.choices = moderation.removable(case)

    def clean(self) -> dict[str, Any]:
        """Ask for what each action needs."""
        data = super().clean() or {}
        action = data.get("action")
        if action == Decision.Action.WARN and not data.get("says"):
            self.add_error("says", "Say what the person is warned of.")
        if action == Decision.Action.REMOVE and not data.get("removes"):
            self.add_error("removes", "Choose what is removed.")
        if action == Decision.Action.SUSPEND and not data.get("days"):
            self.add_error("days", "Say for how many days.")
        return data

    @property
    def orders(self) -> Orders:
        """What was filled in."""
        data = self.cleaned_data
        return Orders(
            action=data["action"], note=data["note"], says=data["says"], removes=data["removes"], days=data["days"]
        )


class ReasonForm(forms.Form):
    """Why somebody reads what a person answered or wrote."""

    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="At least ten characters. Who reads, whose, when and why is written down for good.",
    )


class VersionField(forms.ModelChoiceField):
    """A choice of versions by what they are and when they were in use."""

    def label_from_instance(self, obj: Version) -> str:
        """Return what a version is called."""
        when = "never in use" if obj.published_at is None else f"in use from {obj.published_at:%-d %B %Y}"
        return f"{obj}, {when}"


class ExperimentForm(forms.Form):
    """What is tried, on whom, and for how long."""

    challenger = VersionField(
        queryset=PreferenceVersion.objects.none(),
        empty_label=None,
        help_text="Versions of the measurement version in use that have not been forgotten.",
    )
    share = forms.IntegerField(
        label="Share of the viewers, in percent", min_value=1, max_value=LARGEST_SHARE, initial=20
    )
    n_days = forms.IntegerField(
        label="Days",
        min_value=1,
        max_value=MOST_DAYS,
        initial=14,
        help_text="Whole weeks are best: people use the site otherwise at weekends. Figures are complete a week after.",
    )
    note = forms.CharField(
        label="What is to be found out",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Say beforehand which figure decides: of seven that are looked at, one often differs by chance.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions: Any = self.fields["challenger"]
        versions.queryset = experiments.challengers()


class VerdictOnExperimentForm(forms.Form):
    """Why an experiment ends as it does."""

    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Stays with the experiment for good.",
    )


class TwoVersionsForm(forms.Form):
    """Two different versions of one kind of model."""

    kind = forms.CharField(widget=forms.HiddenInput)
    earlier = VersionField(queryset=MeasurementVersion.objects.none(), empty_label=None)
    later = VersionField(queryset=MeasurementVersion.objects.none(), empty_label=None)

    def __init__(self, data: Any = None, *, kind: str, versions: list[Version]) -> None:
        super().__init__(
            data,
            prefix=None,
            auto_id=f"{kind}-%s",
            initial={"kind": kind, "earlier": _predecessor(versions), "later": _in_use(versions)},
        )
        self.name = kind
        self.has_two = len(versions) > 1
        for field in ("earlier", "later"):
            field_of: Any = self.fields[field]
            field_of.queryset = queryset_of(kind)
            field_of.choices = [(one.pk, field_of.label_from_instance(one)) for one in versions]

    def clean(self) -> dict[str, Any]:
        """Refuse a version beside itself."""
        data = super().clean() or {}
        if data.get("earlier") and data.get("earlier") == data.get("later"):
            self.add_error("later", "Choose another version than the earlier one.")
        return data

    @property
    def title(self) -> str:
        """What is compared."""
        return "Measurement models" if self.name == "measurement" else "Preference models"

    @property
    def pair(self) -> tuple[Any, Any]:
        """The two, the older one first."""
        chosen = (self.cleaned_data["earlier"], self.cleaned_data["later"])
        return tuple(sorted(chosen, key=lambda one: int(one.pk)))


def queryset_of(kind: str) -> Any:
    """Return all versions of one kind, each with the run that made it."""
    if kind == "measurement":
        return MeasurementVersion.objects.select_related("training_run").order_by("-pk")
    return PreferenceVersion.objects.select_related("training_run", "measurement_version").order_by("-pk")


def _in_use(versions: list[Version]) -> int | None:
    return next((one.pk for one in versions if one.is_active), None)


def _predecessor(versions: list[Version]) -> int | None:
    """Return the newest other version, so that the form can be sent as it stands."""
    return next((one.pk for one in versions if not one.is_active), None)
