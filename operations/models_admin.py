"""The dashboard of models in Django admin, and two versions compared; it leads to the actions and repeats none."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from operations.forms import MOST_CHOICES, TwoVersionsForm, queryset_of
from operations.services import comparisons, models_room, preference_comparisons
from operations.services.comparisons import Comparison
from operations.services.panels import Panel
from recommendations.admin import TrainingRunAdmin
from surveys.models import TrainingRun

COMPARE: dict[str, Callable[..., Comparison]] = {
    "measurement": comparisons.compare,
    "preference": preference_comparisons.compare,
}


@admin.register(TrainingRun)
class ModelsAdmin(TrainingRunAdmin):
    """Training runs with their stories, and before them the page of the models."""

    list_before_template = "admin/operations/to_rooms.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the pages before those of single runs."""
        view = self.admin_site.admin_view
        return [
            path("models/", view(self.models), name="operations_models"),
            path("models/compared/", view(self.compared), name="operations_models_compared"),
            *super().get_urls(),
        ]

    def models(self, request: HttpRequest) -> HttpResponse:
        """Show what is in use and the newest trainings, or one of the tables as CSV."""
        self._refuse_strangers(request)
        room = models_room.room()
        if slug := request.GET.get("csv"):
            return _as_csv(room.all_panels, slug, f"models-{timezone.localdate()}")
        context = {
            "title": "Models",
            "room": room,
            "forms": [
                TwoVersionsForm(kind="measurement", versions=[*room.measurement_versions]),
                TwoVersionsForm(kind="preference", versions=[*room.preference_versions]),
            ],
            "may_train": self.has_train_permission(request),
            "may_publish": request.user.has_perm("surveys.change_measurementversion"),
        }
        return self._page(request, "admin/operations/models.html", context)

    def compared(self, request: HttpRequest) -> HttpResponse:
        """Show two versions side by side, or one of the tables as CSV."""
        self._refuse_strangers(request)
        kind = request.GET.get("kind", "")
        if kind not in COMPARE:
            raise Http404
        form = TwoVersionsForm(request.GET, kind=kind, versions=list(queryset_of(kind)[:MOST_CHOICES]))
        found: Comparison | None = COMPARE[kind](*form.pair) if form.is_valid() else None
        if slug := request.GET.get("csv"):
            return _as_csv(found.panels if found else (), slug, f"{kind}-versions")
        query = request.GET.copy()
        query.pop("csv", None)
        context = {"title": "Two versions compared", "form": form, "found": found, "query": query.urlencode()}
        return self._page(request, "admin/operations/models_compared.html", context)

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request, template, self.admin_site.each_context(request) | {"dashboard": "models"} | context
        )


def _as_csv(panels: Iterable[Panel], slug: str, name: str) -> HttpResponse:
    for panel in panels:
        if panel.slug == slug:
            headers = {"Content-Disposition": f'attachment; filename="{name}-{slug}.csv"'}
            return HttpResponse(panel.csv(), content_type="text/csv; charset=utf-8", headers=headers)
    raise Http404
