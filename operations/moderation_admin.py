"""The moderation queue, the page of one case, and reading with a reason; what was decided can only be looked at."""

import uuid
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.models import Report, User
from operations.forms import DecisionForm, ReasonForm
from operations.models import Access, Decision, Flag
from operations.services import accesses, moderation
from operations.services.moderation import Case
from surveys.admin import HistoryAdmin

# Pages of the queue stay short: whoever has that much to do begins with the oldest.
MOST_SHOWN = 50


@admin.register(Decision)
class DecisionAdmin(HistoryAdmin):
    """Decisions for good, and the queue of what waits for one."""

    list_display = ("made_at", "made_by", "action", "person_public_id", "removed", "until")
    list_filter = ("action", "flag_kind", "made_at")
    search_fields = ("=person_public_id", "=subject_public_id", "note", "made_by__email")
    list_select_related = ("made_by",)
    ordering = ("-pk",)
    list_before_template = "admin/operations/to_rooms.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the queue and its cases before the pages of single rows."""
        view = self.admin_site.admin_view
        return [
            path("queue/", view(self.queue), name="operations_moderation"),
            path("report/<int:pk>/", view(self.report), name="operations_case_report"),
            path("flag/<int:pk>/", view(self.flag), name="operations_case_flag"),
            *super().get_urls(),
        ]

    def queue(self, request: HttpRequest) -> HttpResponse:
        """Show what waits, the oldest first."""
        _refuse_who_may_not(request, "operations.view_decision")
        reports, flags = moderation.open_reports(), moderation.open_flags()
        cases = [
            *(moderation.of_report(report) for report in reports[:MOST_SHOWN]),
            *(moderation.of_flag(flag) for flag in flags[:MOST_SHOWN]),
        ]
        before = moderation.earlier(case.person_public_id for case in cases)
        rows = [(case, before.get(case.person_public_id, 0)) for case in cases]
        context = self.admin_site.each_context(request) | {
            "title": "Moderation",
            "dashboard": "moderation",
            "reports": [row for row in rows if row[0].report is not None],
            "flags": [row for row in rows if row[0].flag is not None],
            "n_reports": reports.count(),
            "n_flags": flags.count(),
        }
        return TemplateResponse(request, "admin/operations/moderation.html", context)

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a report, and take the decision about it."""
        return self._case(request, moderation.of_report(get_object_or_404(Report, pk=pk)))

    def flag(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a flag, and take the decision about it."""
        return self._case(request, moderation.of_flag(get_object_or_404(Flag.objects.select_related("user"), pk=pk)))

    def _case(self, request: HttpRequest, case: Case) -> HttpResponse:
        """Show a case, and take the decision about it."""
        _refuse_who_may_not(request, "operations.add_decision")
        form = DecisionForm(request.POST or None, case=case)
        if request.method == "POST" and form.is_valid():
            try:
                decision = moderation.decide(made_by=cast(User, request.user), case=case, orders=form.orders)
            except moderation.NotPossibleError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, f"Decided: {decision.get_action_display()}.", messages.SUCCESS)
                return redirect("admin:operations_moderation")
        context = self.admin_site.each_context(request) | {
            "title": "Report" if case.report is not None else "Flag",
            "dashboard": "moderation",
            "case": case,
            "person": moderation.person_of(case),
            "decisions": moderation.decisions_about(case.person_public_id),
            "form": form,
        }
        return TemplateResponse(request, "admin/operations/moderation_case.html", context)


@admin.register(Flag)
class FlagAdmin(HistoryAdmin):
    """What sweeps noticed; it is decided in the queue."""

    list_display = ("found_at", "kind", "user", "n", "newest_at", "status")
    list_filter = ("kind", "status", "found_at")
    search_fields = ("=user__public_id",)
    list_select_related = ("user",)
    ordering = ("-pk",)


@admin.register(Access)
class AccessAdmin(HistoryAdmin):
    """Who read what a person answered or wrote, and why; and the only page where that can be read."""

    list_display = ("made_at", "made_by", "what", "person_public_id", "n_read", "reason")
    list_filter = ("what", "made_at")
    search_fields = ("=person_public_id", "reason", "made_by__email")
    list_select_related = ("made_by",)
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        """Put reading before the pages of single rows."""
        read = path("read/<uuid:public_id>/<str:what>/", self.admin_site.admin_view(self.read), name="operations_read")
        return [read, *super().get_urls()]

    def read(self, request: HttpRequest, public_id: uuid.UUID, what: str) -> HttpResponse:
        """Ask for a reason, and then show once what was asked for."""
        _refuse_who_may_not(request, "operations.add_access")
        if what not in Access.What:
            raise Http404
        person = get_object_or_404(User, public_id=public_id, deleted_at=None)
        form = ReasonForm(request.POST or None)
        lines = None
        if request.method == "POST" and form.is_valid():
            lines = accesses.read(
                made_by=cast(User, request.user), person=person, what=what, reason=form.cleaned_data["reason"]
            )
        context: dict[str, Any] = self.admin_site.each_context(request) | {
            "title": f"Read: {Access.What(what).label.lower()}",
            "dashboard": "moderation",
            "person": person,
            "form": form,
            "lines": lines,
        }
        response = TemplateResponse(request, "admin/operations/moderation_read.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _refuse_who_may_not(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
