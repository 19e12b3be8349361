"""One's own picture, and whom one shows it to; to whoever was not let in there is nothing."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from ml.items import N_ITEMS
from surveys import picture_image
from surveys.access import with_consent
from surveys.models import AnswerSheet, Comparison, SharedPicture
from surveys.services import answers, picture, sharing


@with_consent
@require_safe
def own_picture(request: MemberRequest) -> HttpResponse:
    """Show a person where they stand."""
    sheet = answers.current_sheet(user=request.user)
    former = AnswerSheet.objects.filter(user=request.user, is_current=False, n_answered__gt=0).order_by("pk")
    link = SharedPicture.objects.filter(user=request.user).first()
    context = {
        "picture": picture.picture_of(sheet=sheet),
        "sheet": sheet,
        "n_items": N_ITEMS,
        "former": list(enumerate(former, start=1)),
        "link": link,
        "address": _address(request, "surveys:shared-picture", link.token) if link else "",
    }
    return render(request, "surveys/picture.html", context)


@with_consent
@require_safe
def former_picture(request: MemberRequest, number: int) -> HttpResponse:
    """Show a person what an earlier sheet of theirs said; sheets are counted from the oldest, without empty ones."""
    former = AnswerSheet.objects.filter(user=request.user, is_current=False, n_answered__gt=0).order_by("pk")
    sheet = former[number - 1 : number].first() if number else None
    if sheet is None:
        raise Http404
    context = {"picture": picture.picture_of(sheet=sheet), "sheet": sheet, "n_items": N_ITEMS, "number": number}
    return render(request, "surveys/former_picture.html", context)


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def retake(request: MemberRequest) -> HttpResponse:
    """Begin anew, after asking once more."""
    if request.method == "POST":
        answers.retake(user=request.user)
        request.session.pop("skipped", None)
        return redirect("surveys:survey")
    return render(request, "surveys/retake.html")


@with_consent
@require_POST
def share(request: MemberRequest) -> HttpResponse:
    """Open the image of one's wheel to whoever has the link, or close it for good."""
    if request.POST.get("is_shared") == "on":
        sharing.share(user=request.user)
        messages.success(request, _("Your wheel has a link now. Whoever has it can see the image, without your name."))
    else:
        sharing.unshare(user=request.user)
        messages.success(request, _("The link is closed and never works again."))
    return redirect(f"{reverse('surveys:picture')}#share")


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show somebody's wheel to whoever has the link."""
    if sharing.shared(token=token) is None:
        raise Http404
    context = {"token": token, "address": _address(request, "surveys:shared-image", token)}
    return _unlisted(render(request, "surveys/shared_picture.html", context))


@require_safe
def shared_image(request: HttpRequest, token: str) -> HttpResponse:
    """Return somebody's wheel as an image to whoever has the link."""
    found = sharing.shared(token=token)
    if found is None:
        raise Http404
    drawn = picture_image.png([one.name for one in found.factors], [one.percentile for one in found.factors])
    return _unlisted(HttpResponse(drawn, content_type="image/png"))


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def comparisons(request: MemberRequest) -> HttpResponse:
    """Show with whom a person compares their picture, and make a link for another friend."""
    if request.method == "POST":
        try:
            sharing.begin(user=request.user)
        except sharing.TooManyLinksError as refusal:
            messages.error(request, str(refusal))
        return redirect("surveys:comparisons")
    rows = [
        {
            "comparison": one,
            "is_mine": one.inviter_id == request.user.pk,
            "other": one.friend if one.inviter_id == request.user.pk else one.inviter,
            "address": _address(request, "surveys:comparison-invited", one.token),
        }
        for one in sharing.comparisons_of(user=request.user)
    ]
    return render(request, "surveys/comparisons.html", {"rows": rows})


@with_consent
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: MemberRequest, token: str) -> HttpResponse:
    """Ask somebody who follows a friend's link whether they want to compare."""
    try:
        invitation = sharing.invitation(user=request.user, token=token)
        if request.method == "POST":
            sharing.join(user=request.user, token=token)
            messages.success(request, _("Now your friend says yes to you too, and both of you see both wheels."))
            return redirect("surveys:comparisons")
    except Comparison.DoesNotExist:
        raise Http404 from None
    return render(request, "surveys/comparison_invited.html", {"inviter": invitation.inviter})


@with_consent
@require_safe
def comparison(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show two wheels to the two whose they are."""
    try:
        pair = sharing.pair(user=request.user, public_id=public_id)
    except Comparison.DoesNotExist:
        raise Http404 from None
    return render(request, "surveys/comparison.html", {"pair": pair, "public_id": public_id})


@with_consent
@require_POST
def agree(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say yes to the friend who followed one's link."""
    try:
        sharing.agree(user=request.user, public_id=public_id)
    except Comparison.DoesNotExist:
        raise Http404 from None
    return redirect("surveys:comparison", public_id=public_id)


@with_consent
@require_POST
def end(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """End a comparison or close a link."""
    if not sharing.end(user=request.user, public_id=public_id):
        raise Http404
    messages.success(request, _("Closed. Neither of you sees the other's wheel here any more."))
    return redirect("surveys:comparisons")


def _address(request: HttpRequest, name: str, token: str) -> str:
    """Return the whole address of a link that is passed on."""
    return request.build_absolute_uri(reverse(name, args=[token]))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page out of search engines and caches."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
