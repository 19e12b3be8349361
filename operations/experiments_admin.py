"""Experiments: the comparison of both arms, and the buttons that start and decide, each confirmed and logged."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.models import User
from operations.forms import ExperimentForm, VerdictOnExperimentForm
from operations.models import ExperimentDay
from operations.services import experiments, figures
from recommendations.models import Experiment
from recommendations.services import arms
from recommendations.services import experiments as trying
from surveys.admin import HistoryAdmin

Outcome = Experiment.Outcome
PUBLISHES = "surveys.change_measurementversion"
# What each button says, and what it asks before anything happens.
DECISIONS: Mapping[str, tuple[str, str]] = {
    Outcome.STOPPED: (
        "Stop",
        "From the next list on everybody gets the champion. What was counted so far stays on this page.",
    ),
    Outcome.KEPT: (
        "Keep the champion",
        "From the next list on everybody gets the champion, and the nightly learning goes on from it.",
    ),
    Outcome.PUBLISHED: (
        "Publish the challenger",
        "From the next list on everybody gets the challenger, and the nightly learning goes on from it.",
    ),
}


@admin.register(Experiment)
class ExperimentAdmin(HistoryAdmin):
    """Versions that were tried beside the one in use."""

    list_display = ("__str__", "share", "started_at", "ends_at", "ended_at", "outcome")
    list_filter = ("outcome", "started_at")
    search_fields = ("note", "reason")
    list_select_related = ("champion", "challenger")
    ordering = ("-pk",)
    list_before_template = "admin/operations/experiments.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the comparison and the buttons before the pages of single rows."""
        view = self.admin_site.admin_view
        return [
            path("start/", view(self.start), name="operations_experiment_start"),
            path("<int:pk>/compared/", view(self.compared), name="operations_experiment"),
            path("<int:pk>/decide/<str:outcome>/", view(self.decide), name="operations_experiment_decide"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer to start one where none is open."""
        context = {"dashboard": "experiments", "may_start": may_start(request)}
        return cast(HttpResponse, super().changelist_view(request, context | (extra_context or {})))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a row as its comparison."""
        return redirect("admin:operations_experiment", pk=object_id) if object_id.isdecimal() else _missing()

    def compared(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show both arms side by side, or one table of it as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        experiment = self._found(pk)
        panels = experiments.panels(experiment)
        if slug := request.GET.get("csv"):
            return _as_csv(next((panel for panel in panels if panel.slug == slug), None), f"experiment-{pk}-{slug}")
        now = timezone.now()
        context = self.admin_site.each_context(request) | {
            "title": str(experiment),
            "dashboard": "experiments",
            "experiment": experiment,
            "panels": panels,
            "assigns": experiment.assigns_at(now),
            "is_over": experiment.is_over_at(now),
            "complete_at": experiments.complete_at(experiment),
            "is_complete": (complete := experiments.complete_at(experiment)) is not None and complete <= now,
            "decisions": [(outcome, DECISIONS[outcome][0]) for outcome in _open_to(request, experiment)],
            "least": figures.LEAST,
            "least_of_each": figures.LEAST_OF_EACH,
            "least_groups": experiments.LEAST_GROUPS,
        }
        return TemplateResponse(request, "admin/operations/experiment.html", context)

    def start(self, request: HttpRequest) -> HttpResponse:
        """Ask what is to be tried, ask whether it is meant, and begin."""
        if not request.user.has_perm("recommendations.add_experiment"):
            raise PermissionDenied
        form = ExperimentForm(request.POST if request.method == "POST" else None)
        is_valid = request.method == "POST" and form.is_valid()
        if is_valid and "confirmed" in request.POST:
            try:
                experiment = trying.start(started_by=cast(User, request.user), **form.cleaned_data)
            except trying.RefusedError as reason:
                form.add_error(None, str(reason))
                is_valid = False
            else:
                self.log_addition(request, experiment, f"Started {str(experiment).lower()}.")
                self.message_user(request, f"{experiment} begins.", messages.SUCCESS)
                return redirect("admin:operations_experiment", pk=experiment.pk)
        detail = (
            "The lists of this share of the viewers are ranked by the challenger, until the time is over or somebody"
            " decides. Nothing new is learned meanwhile. A measurement model that is published ends it."
        )
        return self._form(request, form, "Start an experiment", detail, "Continue", is_confirming=is_valid)

    def decide(self, request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
        """Ask whether it is meant and why, and end the experiment."""
        if outcome not in DECISIONS:
            raise Http404
        _refuse_who_may_not(request, outcome)
        experiment = self._found(pk)
        verb, detail = DECISIONS[outcome]
        form = VerdictOnExperimentForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                trying.decide(
                    experiment=experiment,
                    outcome=Outcome(outcome),
                    decided_by=cast(User, request.user),
                    reason=form.cleaned_data["reason"],
                )
            except trying.RefusedError as reason:
                form.add_error(None, str(reason))
            else:
                self.log_change(request, experiment, f"{verb}: {experiment}.")
                self.message_user(request, f"{verb}: done.", messages.SUCCESS)
                return redirect("admin:operations_experiment", pk=pk)
        return self._form(request, form, f"{verb}?", detail, verb, experiment=experiment)

    def _form(
        self, request: HttpRequest, form: Any, title: str, detail: str, button: str, **context: Any
    ) -> HttpResponse:
        """Return a page that asks for something."""
        experiment = context.get("experiment")
        back = reverse("admin:recommendations_experiment_changelist")
        if experiment is not None:
            back = reverse("admin:operations_experiment", args=[experiment.pk])
        context |= self.admin_site.each_context(request) | {
            "title": title,
            "dashboard": "experiments",
            "form": form,
            "detail": detail,
            "button": button,
            "back": back,
        }
        return TemplateResponse(request, "admin/operations/experiment_form.html", context)

    def _found(self, pk: int) -> Experiment:
        rows = Experiment.objects.select_related("champion", "challenger", "started_by", "decided_by")
        return get_object_or_404(rows, pk=pk)


@admin.register(ExperimentDay)
class ExperimentDayAdmin(HistoryAdmin):
    """What was counted of an experiment; read by its page."""

    list_display = ("day", "experiment", "purpose", "arm", "n_impressions")
    list_filter = ("purpose", "arm", "day")
    search_fields = ("^day",)
    fields = ("day", "experiment", "purpose", "arm", "n_impressions")
    list_select_related = ("experiment",)
    ordering = ("-day",)


def may_start(request: HttpRequest) -> bool:
    """Whether somebody may start an experiment, and none is in the way."""
    return request.user.has_perm("recommendations.add_experiment") and arms.open_experiment() is None


def _open_to(request: HttpRequest, experiment: Experiment) -> list[str]:
    """Return what somebody may decide about an experiment as it is."""
    if not experiment.is_open:
        return []
    possible: list[str] = [Outcome.STOPPED] if experiment.started_at is None else list(DECISIONS)
    return [outcome for outcome in possible if _may_decide(request, outcome)]


def _may_decide(request: HttpRequest, outcome: str) -> bool:
    if not request.user.has_perm("recommendations.change_experiment"):
        return False
    return outcome != Outcome.PUBLISHED or request.user.has_perm(PUBLISHES)


def _refuse_who_may_not(request: HttpRequest, outcome: str) -> None:
    if not _may_decide(request, outcome):
        raise PermissionDenied


def _missing() -> HttpResponse:
    raise Http404


def _as_csv(panel: Any, name: str) -> HttpResponse:
    if panel is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(panel.csv(), content_type="text/csv; charset=utf-8", headers=headers)
