"""Surveys in Django admin; what somebody answered is never listed, shown or searched here."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from surveys import report_tables, reports, tables
from surveys.models import (
    AnswerSheet,
    Comparison,
    MeasurementVersion,
    Placement,
    Respondent,
    SeedImport,
    SharedPicture,
    TrainingRun,
    VisitorSheet,
)
from surveys.tables import Table


class HistoryAdmin(ModelAdmin):
    """Rows that record what happened: they can be looked at, and neither made, changed nor deleted by hand."""

    # Counting a large table only to write "of 49,159" beside a search costs more than it tells.
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody makes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes it here."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer nothing that acts on many rows at once, exports least of all."""
        return {}


@admin.register(SeedImport)
class SeedImportAdmin(HistoryAdmin):
    """What was imported, and what was counted on the way."""

    list_display = ("kind", "n_respondents", "source", "imported_at")
    list_filter = ("kind", "imported_at")
    search_fields = ("source", "sha256")


@admin.register(Respondent)
class RespondentAdmin(HistoryAdmin):
    """Rows of the seed dataset, without their answers."""

    list_display = ("row", "seed_import", "age", "gender", "accuracy", "elapsed")
    list_filter = ("seed_import", "gender", "source")
    search_fields = ("=row",)
    fields = ("seed_import", "row", "age", "gender", "accuracy", "country", "source", "elapsed")
    list_select_related = ("seed_import",)


@admin.register(AnswerSheet)
class AnswerSheetAdmin(HistoryAdmin):
    """How far people are with the survey, without their answers."""

    list_display = ("id", "user", "is_current", "n_answered", "seconds", "changed_at")
    list_filter = ("is_current", "user__is_demo", "started_at", "changed_at")
    search_fields = ("user__public_id",)
    fields = ("user", "is_current", "n_answered", "seconds", "revision", "started_at", "changed_at")
    list_select_related = ("user",)


@admin.register(Placement)
class PlacementAdmin(HistoryAdmin):
    """Which sheets have been placed by which version; where they lie is nobody's business here."""

    list_display = ("sheet", "version", "n_answered", "placed_at")
    list_filter = ("version", "sheet__is_current", "placed_at")
    search_fields = ("sheet__user__public_id",)
    fields = ("sheet", "version", "sheet_revision", "n_answered", "placed_at")
    list_select_related = ("sheet", "version")


@admin.register(VisitorSheet)
class VisitorSheetAdmin(HistoryAdmin):
    """How far visitors came, without what they answered."""

    list_display = ("id", "n_answered", "seconds", "started_at")
    list_filter = ("started_at",)
    search_fields = ("=id",)
    fields = ("n_answered", "seconds", "started_at")


@admin.register(SharedPicture)
class SharedPictureAdmin(HistoryAdmin):
    """Who shares an image of their wheel; the link itself is theirs."""

    list_display = ("user", "made_at")
    list_filter = ("made_at",)
    search_fields = ("user__public_id",)
    fields = ("user", "made_at")
    list_select_related = ("user",)


@admin.register(Comparison)
class ComparisonAdmin(HistoryAdmin):
    """Who compares pictures with whom."""

    list_display = ("public_id", "inviter", "friend", "made_at", "inviter_agreed_at", "ended_at")
    list_filter = ("made_at",)
    search_fields = ("public_id",)
    fields = ("public_id", "inviter", "friend", "made_at", "inviter_agreed_at", "ended_at")
    list_select_related = ("inviter", "friend")


class TrainingRunReportAdmin(HistoryAdmin):
    """Training runs with their reports; `recommendations`, which publishes, adds the button and registers it."""

    list_display = ("id", "kind", "status", "asked_by", "n_respondents", "n_members", "created_at", "finished_at")
    list_filter = ("kind", "status", "created_at")
    search_fields = ("error", "asked_by__public_id")
    fields = (
        "kind",
        "status",
        "error",
        "asked_by",
        "created_at",
        "started_at",
        "heartbeat_at",
        "finished_at",
        "took",
        "n_respondents",
        "n_members",
    )
    list_select_related = ("asked_by",)
    readonly_fields = ("took",)
    ordering = ("-pk",)
    change_form_outer_after_template = "admin/surveys/training_report.html"

    @admin.display(description="Took", empty_value="–")
    def took(self, run: TrainingRun) -> str | None:
        """Say how long a run went on."""
        if run.started_at is None or run.finished_at is None:
            return None
        return f"{(run.finished_at - run.started_at).total_seconds():,.1f} s"

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return a run's story, or one of its tables as CSV."""
        slug = request.GET.get("csv")
        if slug is None:
            response: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
            return response
        if not self.has_view_permission(request):
            raise PermissionDenied
        run: TrainingRun | None = self.get_object(request, object_id)
        table = None if run is None else self.table(run, slug)
        if table is None:
            raise Http404
        return tables.answer(table, name=f"training-{object_id}")

    def table(self, run: TrainingRun, slug: str) -> Table | None:
        """Return one table of a run's story."""
        return report_tables.find(run, slug)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the report to the page."""
        run: TrainingRun | None = kwargs.get("obj")
        context["report"] = None if run is None else reports.page(run)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response


class MeasurementVersionRowsAdmin(HistoryAdmin):
    """Versions of the measurement model; `recommendations`, which publishes, adds the button and registers it."""

    list_display = ("id", "is_active", "is_reference", "training_run", "created_at", "published_at")
    list_filter = ("is_active", "is_reference", "created_at")
    search_fields = ("sha256",)
    fields = ("training_run", "is_active", "is_reference", "sha256", "created_at", "published_at")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MeasurementVersion]:
        """Fetch each version with the run that it came from."""
        versions: QuerySet[MeasurementVersion] = super().get_queryset(request)
        return versions.select_related("training_run")
