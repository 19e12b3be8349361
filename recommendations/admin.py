"""Recommendations in Django admin, and the buttons that train and publish models."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError
from unfold.decorators import action
from unfold.enums import ActionVariant

from accounts.models import User
from recommendations import reports, tasks
from recommendations.models import (
    Deferral,
    Exposure,
    Impression,
    Match,
    PreferenceVersion,
    SampleVerdict,
    Taste,
    Verdict,
)
from recommendations.services import arms, publishing
from recommendations.services import training as retraining
from surveys.admin import HistoryAdmin, MeasurementVersionRowsAdmin, TrainingRunReportAdmin
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import training
from surveys.tables import Table


@admin.register(PreferenceVersion)
class PreferenceVersionAdmin(HistoryAdmin):
    """Versions of the preference model; they are published with their measurement version."""

    list_display = ("id", "kind", "measurement_version", "is_active", "created_at", "published_at")
    list_filter = ("is_active", "kind", "created_at")
    search_fields = ("measurement_version__sha256",)
    list_select_related = ("measurement_version",)


@admin.register(Impression)
class ImpressionAdmin(HistoryAdmin):
    """Who was shown to whom."""

    list_display = ("shown_at", "viewer", "shown", "purpose", "position", "slot_policy", "label", "is_demo")
    list_filter = ("purpose", "slot_policy", "label", "is_demo", "experiment_arm", "shown_at")
    search_fields = ("viewer__public_id", "shown__public_id", "list_id")
    list_select_related = ("viewer", "shown")
    ordering = ("-shown_at",)


@admin.register(Verdict)
class VerdictAdmin(HistoryAdmin):
    """Who said what of whom, the whole history; notes belong to the two alone."""

    exclude = ("note",)

    list_display = ("given_at", "actor", "target", "purpose", "value", "is_current", "is_demo")
    list_filter = ("value", "purpose", "is_current", "is_demo", "given_at")
    search_fields = ("actor__public_id", "target__public_id")
    list_select_related = ("actor", "target")
    ordering = ("-given_at",)


@admin.register(Deferral)
class DeferralAdmin(HistoryAdmin):
    """Whom people do not want to see for now."""

    list_display = ("made_at", "viewer", "other", "purpose", "until")
    list_filter = ("purpose", "made_at")
    search_fields = ("viewer__public_id", "other__public_id")
    list_select_related = ("viewer", "other")
    ordering = ("-made_at",)


@admin.register(Taste)
class TasteAdmin(HistoryAdmin):
    """Of how many people a version has learned something; what it is stays with the model."""

    list_display = ("updated_at", "user", "purpose", "version")
    list_filter = ("purpose", "version", "updated_at")
    search_fields = ("user__public_id",)
    fields = ("user", "purpose", "version", "updated_at")
    list_select_related = ("user", "version")
    ordering = ("-updated_at",)


@admin.register(Exposure)
class ExposureAdmin(HistoryAdmin):
    """How often people were shown, and who waits to be."""

    list_display = ("user", "purpose", "n_shown", "waits_since", "is_waiting", "price", "priced_at")
    list_filter = ("purpose", "is_waiting", "waits_since")
    search_fields = ("user__public_id",)
    list_select_related = ("user",)
    ordering = ("waits_since",)


@admin.register(SampleVerdict)
class SampleVerdictAdmin(HistoryAdmin):
    """What people said of sample people."""

    list_display = ("given_at", "actor", "respondent", "purpose", "value", "is_current")
    list_filter = ("value", "purpose", "is_current", "given_at")
    search_fields = ("actor__public_id",)
    list_select_related = ("actor", "respondent")
    ordering = ("-given_at",)


@admin.register(Match)
class MatchAdmin(HistoryAdmin):
    """Who likes each other."""

    list_display = ("matched_at", "low", "high", "purpose", "is_demo", "ended_at")
    list_filter = ("purpose", "is_demo", ("ended_at", admin.EmptyFieldListFilter), "matched_at")
    search_fields = ("public_id", "low__public_id", "high__public_id")
    list_select_related = ("low", "high")
    ordering = ("-matched_at",)


class TrainingRunAdmin(TrainingRunReportAdmin):
    """Training runs, their reports, and the buttons that ask for another; `operations` adds a page and registers it."""

    actions_list = ("train_now", "learn_now")
    change_form_outer_after_template = "admin/recommendations/training_run.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what was learned to the page of a run that learned from verdicts."""
        run: TrainingRun | None = kwargs.get("obj")
        context["learned"] = [] if run is None else reports.purposes(run)
        context["weights"] = [] if run is None else reports.largest_weights(run)
        return super().render_change_form(request, context, *args, **kwargs)

    def table(self, run: TrainingRun, slug: str) -> Table | None:
        """Return one table of a run's story, those of learning before those of measuring."""
        return reports.table(run, slug) or super().table(run, slug)

    def has_train_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        """Return who may ask for a training."""
        return bool(request.user.has_perm("surveys.add_trainingrun"))

    @action(description="Train now", permissions=["train"], variant=ActionVariant.PRIMARY)  # type: ignore[untyped-decorator]
    def train_now(self, request: HttpRequest) -> HttpResponse:
        """Ask for a training, once confirmed; should the broker be away, the schedule finds the row."""
        back = reverse("admin:surveys_trainingrun_changelist")
        if request.method != "POST":
            return _confirmation(
                self,
                request,
                title="Train the measurement model now?",
                detail="The worker trains a candidate from the respondents and the members who agreed. It is published"
                " only if it is not worse than the model in use, which goes on serving until then." + _what_ends(),
                button="Train now",
                back=back,
            )
        with transaction.atomic():
            run = training.request(asked_by=cast(User, request.user))
            self.log_addition(request, run, "Asked for a training.")
            transaction.on_commit(_tell_worker)
        self.message_user(request, f"{run}. The worker begins within half a minute.", messages.SUCCESS)
        return redirect(back)

    @action(description="Learn now", permissions=["train"], variant=ActionVariant.DEFAULT)  # type: ignore[untyped-decorator]
    def learn_now(self, request: HttpRequest) -> HttpResponse:
        """Ask for the preference model to learn from all verdicts, once confirmed."""
        back = reverse("admin:surveys_trainingrun_changelist")
        if request.method != "POST":
            return _confirmation(
                self,
                request,
                title="Learn from the verdicts now?",
                detail="The worker fits the preference model to all likes and passes that stand. For each purpose it is"
                " published only if it predicts better than likeness on pairs held out.",
                button="Learn now",
                back=back,
            )
        with transaction.atomic():
            run = retraining.request_learning(asked_by=cast(User, request.user))
            if run is not None:
                self.log_addition(request, run, "Asked for learning from verdicts.")
                transaction.on_commit(_tell_worker)
        if run is None:
            waits = arms.why_learning_waits(timezone.now())
            message = (
                waits or f"No purpose has {settings.LEARN_FROM_VERDICTS} verdicts yet; likeness goes on ranking people."
            )
            self.message_user(request, message, messages.WARNING)
        else:
            self.message_user(request, f"{run}. The worker begins within half a minute.", messages.SUCCESS)
        return redirect(back)


@admin.register(MeasurementVersion)
class MeasurementVersionAdmin(MeasurementVersionRowsAdmin):
    """Versions of the measurement model, and the button that brings one into use."""

    actions_detail = ("bring_into_use",)

    def has_publish_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        """Return who may decide which model serves."""
        return bool(request.user.has_perm("surveys.change_measurementversion"))

    @action(  # type: ignore[untyped-decorator]
        description="Bring into use", permissions=["publish"], variant=ActionVariant.PRIMARY
    )
    def bring_into_use(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Publish a version, or return to an earlier one, once confirmed."""
        version = self.get_object(request, object_id)
        if version is None:
            return HttpResponseNotFound()
        back = reverse("admin:surveys_measurementversion_change", args=[version.pk])
        if version.is_active:
            self.message_user(request, f"{version} is in use already.", messages.INFO)
            return redirect(back)
        verb = "Publish" if version.published_at is None else "Roll back to"
        if request.method != "POST":
            return _confirmation(
                self,
                request,
                title=f"{verb} {str(version).lower()}?",
                detail="Everyone is placed under it, then it replaces the model in use together with the preference"
                " version that was last made for it. People see the new pair at their next click." + _what_ends(),
                button=verb.removesuffix(" to"),
                back=back,
            )
        publishing.roll_back(measurement_version=version)
        self.log_change(request, version, f"{verb} {str(version).lower()}.")
        self.message_user(request, f"{version} is in use.", messages.SUCCESS)
        return redirect(back)


def _confirmation(model_admin: HistoryAdmin, request: HttpRequest, *, back: str, **texts: Any) -> HttpResponse:
    """Return the page that asks whether it is really meant."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.model._meta,
        "media": model_admin.media,
        "back": back,
        **texts,
    }
    return TemplateResponse(request, "admin/surveys/confirm.html", context)


def _what_ends() -> str:
    """Return that an experiment would end, where one is open."""
    experiment = arms.open_experiment()
    return "" if experiment is None else f" {experiment} ends when it is published."


def _tell_worker() -> None:
    """Send a hint; without a broker the worker finds the row by itself."""
    try:
        tasks.continue_training.delay()
    except OperationalError:
        return
