"""What operators fill in."""

from typing import Any

from django import forms

from operations.models import Decision
from operations.models.moderation import SHORTEST_REASON
from operations.services import moderation
from operations.services.moderation import Case, Orders

LONGEST_SUSPENSION = 365


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
