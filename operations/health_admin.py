"""The page that says how the site is, and what stands on top of the administration."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from operations.models import TaskState
from operations.services import health, health_tasks, health_work
from surveys.admin import HistoryAdmin


@admin.register(TaskState)
class TaskStateAdmin(HistoryAdmin):
    """How the worker's tasks went, the page of the site's health, and the button that runs a task again."""

    list_display = ("name", "started_at", "succeeded_at", "failed_at", "error", "seconds")
    list_filter = ("succeeded_at", "failed_at")
    search_fields = ("name",)
    ordering = ("name",)
    list_before_template = "admin/operations/to_rooms.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let a row go whose task is no more: nothing else would ever make its failure good."""
        return bool(request.user.has_perm("operations.delete_taskstate"))

    def get_urls(self) -> list[URLPattern]:
        """Put the page before those of single rows."""
        view = self.admin_site.admin_view
        return [
            path("health/", view(self.health), name="operations_health"),
            path("run/", view(require_POST(self.run)), name="operations_run_task"),
            *super().get_urls(),
        ]

    def health(self, request: HttpRequest) -> HttpResponse:
        """Say how the site is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        context = self.admin_site.each_context(request) | {
            "title": "Health",
            "dashboard": "health",
            "health": health.measure(now=now),
            "measured_at": now,
            "may_run": request.user.has_perm("operations.change_taskstate"),
        }
        return TemplateResponse(request, "admin/operations/health.html", context)

    def run(self, request: HttpRequest) -> HttpResponse:
        """Ask the worker for a task of the schedule."""
        if not request.user.has_perm("operations.change_taskstate"):
            raise PermissionDenied
        name = request.POST.get("task", "")
        try:
            health_tasks.run_again(name)
        except LookupError:
            raise Http404 from None
        except (OperationalError, OSError):
            self.message_user(request, "Redis does not answer, so nobody could be asked.", messages.ERROR)
            return redirect("admin:operations_health")
        state, _ = TaskState.objects.get_or_create(name=name)
        self.log_change(request, state, "Asked the worker to run it again.")
        self.message_user(request, f"{health.short(name)}: the worker was asked.", messages.SUCCESS)
        return redirect("admin:operations_health")


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put on the administration's first page how the site is and what needs a decision."""
    if request.user.has_perm("operations.view_taskstate"):
        now = timezone.now()
        context["health"] = health.measure(now=now)
        context["decisions"] = [(row, row.age(now)) for row in health_work.for_operators() if row.n]
    return context
