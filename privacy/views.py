"""What is kept of oneself: looking, taking a copy, deleting. Every row is looked up through the person who asks."""

import uuid
from collections.abc import Iterator

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import for_members
from accounts.requests import MemberRequest
from privacy.forms import DeletionForm
from privacy.inventory import INVENTORY
from privacy.services import deletion, exports


@for_members
@require_safe
def own_data(request: MemberRequest) -> HttpResponse:
    """Say what is kept, offer a copy of it, and lead to deletion."""
    return render(
        request, "privacy/own_data.html", {"parts": list(_parts(request)), "copy": exports.of(user=request.user)}
    )


@for_members
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def make_copy(request: MemberRequest) -> HttpResponse:
    """Write a copy of everything, once the password was given again."""
    exports.make(user=request.user)
    messages.success(request, _("Your copy is ready."))
    return redirect("privacy:own-data")


@for_members
@require_safe
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def fetch_copy(request: MemberRequest, public_id: uuid.UUID) -> FileResponse:
    """Hand out one's own copy while its time lasts."""
    export = exports.of(user=request.user)
    if export is None or export.public_id != public_id:
        raise Http404
    return FileResponse(export.file.open("rb"), as_attachment=True, filename="kindred.zip")


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def delete_account(request: MemberRequest) -> HttpResponse:
    """Say what goes and what stays, and delete once the word is typed."""
    form = DeletionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deletion.delete(user=request.user)
        logout(request)
        return redirect("privacy:deleted")
    return render(request, "privacy/delete.html", {"form": form})


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """Say that it is done."""
    return render(request, "privacy/deleted.html")


def _parts(request: MemberRequest) -> Iterator[dict[str, str | Promise | int]]:
    """Return each part of what is kept, with how many rows there are and what deletion does with it."""
    for entry in INVENTORY:
        if entry.exported:
            n_rows = sum(1 for _row in exports.rows_of(entry, request.user))
            yield {"title": entry.title, "rows": n_rows, "fate": entry.fate.value}
