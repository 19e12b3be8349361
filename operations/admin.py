"""The operators' dashboards in Django admin, and the rows that they read."""

import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.models import Purpose
from operations import (  # noqa: F401 - they register what they show
    experiments_admin,
    health_admin,
    models_admin,
    moderation_admin,
)
from operations.models import (
    BusinessDay,
    BusinessState,
    CohortWeek,
    GroupDay,
    Histogram,
    ListDay,
    MetricDay,
    PeopleDay,
    Slot,
)
from operations.services import figures, recommender, snapshots, use
from operations.services.figures import Choice
from operations.services.panels import Panel
from surveys.admin import HistoryAdmin


class DashboardAdmin(HistoryAdmin):
    """Rows with a dashboard of them."""

    dashboard = ""
    title = ""
    list_before_template = "admin/operations/to_dashboards.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the dashboard before the pages of single rows."""
        page = path(f"{self.dashboard}/", self.admin_site.admin_view(self.page), name=f"operations_{self.dashboard}")
        return [page, *super().get_urls()]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Return the dashboard, or one of its tables as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        panels, context = self.panels(request, today)
        if slug := request.GET.get("csv"):
            return _as_csv(panels, slug, f"{self.dashboard}-{today}")
        query = request.GET.copy()
        query.pop("csv", None)
        context |= self.admin_site.each_context(request) | {
            "title": self.title,
            "panels": panels,
            "dashboard": self.dashboard,
            "query": query.urlencode(),
            "last_taken": snapshots.last_taken(),
            "least": figures.LEAST,
            "least_of_each": figures.LEAST_OF_EACH,
        }
        return TemplateResponse(request, "admin/operations/dashboard.html", context)

    def panels(self, request: HttpRequest, today: datetime.date) -> tuple[list[Panel], dict[str, Any]]:
        """Return what stands on the dashboard."""
        raise NotImplementedError


@admin.register(MetricDay)
class MetricDayAdmin(DashboardAdmin):
    """What became of impressions, day by day, and the recommender's dashboard."""

    list_display = ("day", "purpose", "version", "is_warm", "slot", "n_impressions", "n_likes", "n_passes", "n_mutual")
    list_filter = ("purpose", "slot", "is_warm", "day")
    list_select_related = ("version",)
    search_fields = ("^day",)
    ordering = ("-day",)
    dashboard = "recommender"
    title = "Recommender"

    def panels(self, request: HttpRequest, today: datetime.date) -> tuple[list[Panel], dict[str, Any]]:
        """Return the figures of what was asked for; what is asked for in vain is left out."""
        versions = recommender.versions()
        filters = [
            ("purpose", "Purpose", [(key, str(label)) for key, label in Purpose.choices]),
            ("version", "Version", [(str(pk), name) for pk, name in versions]),
            ("viewers", "Viewers", [*recommender.VIEWERS.items()]),
            ("slot", "Slots", [(key, str(label)) for key, label in Slot.choices]),
        ]
        chosen = {
            name: value
            for name, _, choices in filters
            if (value := request.GET.get(name, "")) in {key for key, _ in choices}
        }
        choice = Choice(
            purpose=chosen.get("purpose", ""),
            version=int(chosen["version"]) if "version" in chosen else None,
            viewers=chosen.get("viewers", ""),
            slot=chosen.get("slot", ""),
        )
        context = {
            "filters": [
                {"name": name, "label": label, "choices": choices, "chosen": chosen.get(name, "")}
                for name, label, choices in filters
            ],
        }
        return recommender.panels(today=today, choice=choice), context


@admin.register(BusinessDay)
class BusinessDayAdmin(DashboardAdmin):
    """How the site was used, day by day, and the business dashboard."""

    list_display = ("day", "n_joined", "n_activated", "n_visits", "n_visitors", "seconds")
    list_filter = ("day",)
    search_fields = ("^day",)
    ordering = ("-day",)
    dashboard = "business"
    title = "Business"

    def panels(self, request: HttpRequest, today: datetime.date) -> tuple[list[Panel], dict[str, Any]]:
        """Return the numbers of the last four weeks."""
        return use.panels(today=today), {}


@admin.register(Histogram)
class HistogramAdmin(HistoryAdmin):
    """How scores were spread; read by the dashboard."""

    list_display = ("metric_day", "of")
    list_filter = ("of",)
    search_fields = ("^metric_day__day",)
    fields = ("metric_day", "of")
    list_select_related = ("metric_day",)


@admin.register(ListDay)
class ListDayAdmin(HistoryAdmin):
    """How many likes lists had."""

    list_display = ("day", "purpose", "version", "is_warm", "by_likes")
    list_filter = ("purpose", "is_warm", "day")
    list_select_related = ("version",)
    search_fields = ("^day",)
    ordering = ("-day",)


@admin.register(PeopleDay)
class PeopleDayAdmin(HistoryAdmin):
    """How attention was spread."""

    list_display = ("day", "purpose", "n_people", "n_shown", "n_never", "gini")
    list_filter = ("purpose", "day")
    search_fields = ("^day",)
    ordering = ("-day",)


@admin.register(GroupDay)
class GroupDayAdmin(HistoryAdmin):
    """How much attention groups of people got."""

    list_display = ("day", "purpose", "kind", "group", "n_people", "n_impressions", "n_matches")
    list_filter = ("purpose", "kind", "day")
    search_fields = ("^day", "group")
    ordering = ("-day",)


@admin.register(BusinessState)
class BusinessStateAdmin(HistoryAdmin):
    """How four weeks looked on a day."""

    list_display = ("day", "n_active", "n_before", "n_lost", "n_matches", "n_successful")
    list_filter = ("day",)
    search_fields = ("^day",)
    ordering = ("-day",)


@admin.register(CohortWeek)
class CohortWeekAdmin(HistoryAdmin):
    """Who of a week's newcomers came back."""

    list_display = ("joined_in", "week", "n_people", "n_here")
    list_filter = ("joined_in",)
    search_fields = ("^joined_in", "^week")
    ordering = ("-joined_in", "week")


def _as_csv(panels: list[Panel], slug: str, name: str) -> HttpResponse:
    for panel in panels:
        if panel.slug == slug:
            headers = {"Content-Disposition": f'attachment; filename="{name}-{slug}.csv"'}
            return HttpResponse(panel.csv(), content_type="text/csv; charset=utf-8", headers=headers)
    raise Http404
