"""One's own photo, and the files of those that pages show."""

from typing import IO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import for_members
from accounts.forms import AudienceForm, PhotoForm
from accounts.models import Photo
from accounts.requests import MemberRequest
from accounts.services import photos

AN_HOUR = 3600


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: MemberRequest) -> HttpResponse:
    """Show one's photo and how far it is, and take a new one."""
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = cast(UploadedFile, form.cleaned_data["picture"])
        try:
            photos.keep(user=request.user, file=cast(IO[bytes], sent.file), n_bytes=sent.size or 0)
        except photos.PhotoRefusedError as refusal:
            form.add_error("picture", str(refusal))
        else:
            messages.success(request, _("Your photo is kept. Others see it once one of us has looked at it."))
            return redirect("accounts:photo")
    own = Photo.objects.filter(user=request.user).first()
    context = {"form": form, "photo": own, "audience_form": AudienceForm(instance=own) if own else None}
    return render(request, "accounts/photo.html", context)


@for_members
@require_POST
def audience(request: MemberRequest) -> HttpResponse:
    """Choose who sees one's photo."""
    form = AudienceForm(request.POST)
    if form.is_valid():
        photos.show_to(user=request.user, audience=form.cleaned_data["audience"])
        messages.success(request, _("Saved."))
    return redirect("accounts:photo")


@for_members
@require_POST
def remove(request: MemberRequest) -> HttpResponse:
    """Remove one's photo for good."""
    photos.remove(user=request.user)
    messages.success(request, _("Your photo is gone. The drawn sign stands for you again."))
    return redirect("accounts:photo")


@login_required
@require_safe
def picture(request: MemberRequest, token: str) -> HttpResponse:
    """Return the file that a page linked for this viewer; to everybody else there is none."""
    try:
        content = photos.fetched(token=token, viewer=request.user)
    except (Photo.DoesNotExist, FileNotFoundError):
        raise Http404 from None
    response = HttpResponse(content, content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={AN_HOUR}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
