"""People in Django admin: found by address or name, with rows of history read-only."""

from importlib import import_module
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin as SecretsAdmin
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import places
from accounts.models import (
    BannedAddress,
    Block,
    Change,
    Circle,
    CircleMembership,
    Consent,
    Notice,
    Notification,
    NotificationChoice,
    Photo,
    Preference,
    Profile,
    ProfileLanguage,
    Report,
    User,
    Visit,
    WantedGender,
)
from accounts.services import changes, photos

admin.site.unregister(Group)
# Its page shows the secret, with which anybody can make codes.
admin.site.unregister(Authenticator)
for pages in ("allauth.usersessions.admin", "allauth.account.admin"):
    # They register themselves when they are first read, which may be after this file.
    import_module(pages)
# Its page shows the keys of sessions, with which anybody can be whoever is signed in.
admin.site.unregister(UserSession)
# Its page lets an address of one's own be confirmed for somebody else's account.
admin.site.unregister(EmailAddress)
# What lets an account do things here.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    """Groups of administrators."""

    search_fields = ("name",)


def is_superuser(request: HttpRequest) -> bool:
    """Whether a superuser asks."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class FactsAdmin(ModelAdmin):
    """Rows that decide who meets whom: of whatever is done to one here, a change is noted."""

    def people_of(self, row: Any) -> list[int]:
        """Return the ids of the people whom a row decides about."""
        return [row.user_id]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and note a change of those whose row it was and whose it is now."""
        formerly = [person for row in self.model.objects.filter(pk=obj.pk) for person in self.people_of(row)]
        super().save_model(request, obj, form, change)
        changes.note(*{*formerly, *self.people_of(obj)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and note a change of those whose row it was."""
        people = self.people_of(obj)
        super().delete_model(request, obj)
        changes.note(*people)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete, and note a change of those whose rows they were."""
        people = {person for row in queryset for person in self.people_of(row)}
        super().delete_queryset(request, queryset)
        changes.note(*people)


class AccountForm(UserChangeForm):
    """An account; the database refuses one that belongs neither to a member nor to staff."""

    def clean(self) -> dict[str, Any]:
        """Say so before the database does."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("is_staff") and self.instance.birth_date is None:
            self.add_error("is_staff", "This account has no birth date, so it can only be staff. Make it inactive.")
        return data


@admin.register(User)
class UserAdmin(DjangoUserAdmin, FactsAdmin):
    """Accounts; members are made by signing up, administrators here."""

    form = AccountForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("-pk",)
    list_display = ("email", "public_id", "joined_on", "signup_source", "is_active", "is_staff", "is_demo")
    list_filter = ("is_active", "is_staff", "is_demo", "signup_source", "joined_on")
    search_fields = ("email", "=public_id", "profile__display_name")
    readonly_fields = ("public_id", "birth_date", "adult_on", "joined_on", "last_login", "is_demo", "signup_source")
    fieldsets = (
        (None, {"fields": ("email", "password", "public_id")}),
        ("Member", {"fields": ("birth_date", "adult_on", "joined_on", "signup_source", "is_demo")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "is_staff", "password1", "password2")}),)

    def people_of(self, row: User) -> list[int]:
        """Return whose account it is."""
        return [row.pk]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Let nobody but a superuser say what somebody may."""
        return self.readonly_fields if is_superuser(request) else (*self.readonly_fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody but a superuser change an administrator: a new password would be a way to their rights."""
        return is_superuser(request) if obj and obj.is_staff else super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody but a superuser delete an administrator."""
        return is_superuser(request) if obj and obj.is_staff else super().has_delete_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let nobody but a superuser make administrators; accounts of others are made by signing up."""
        return is_superuser(request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Make accounts created here staff: only staff needs no birth date."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)


@admin.register(ProfileLanguage)
class ProfileLanguageAdmin(FactsAdmin):
    """Languages that people speak."""

    list_display = ("profile", "code")
    list_filter = ("code",)
    search_fields = ("=profile__user__public_id",)
    autocomplete_fields = ("profile",)


@admin.register(Profile)
class ProfileAdmin(FactsAdmin):
    """What people tell others about themselves."""

    list_display = ("display_name", "headline", "place", "is_paused", "updated_at")
    list_filter = ("is_paused", "gender", "user__is_demo", "country")
    search_fields = ("display_name", "headline", "user__email", "=user__public_id")
    fields = ("user", "display_name", "headline", "bio", "gender", "gender_words", "place", "contact", "is_paused")
    readonly_fields = ("place", "updated_at")

    autocomplete_fields = ("user",)

    def get_readonly_fields(self, request: HttpRequest, obj: Profile | None = None) -> tuple[str, ...]:
        """Keep a profile with the person it belongs to."""
        return (*self.readonly_fields, "user") if obj else self.readonly_fields

    @admin.display(ordering="country")
    def place(self, profile: Profile) -> str:
        """Return the city as people read it."""
        return str(places.city(profile.city) or "")


@admin.register(Preference)
class PreferenceAdmin(FactsAdmin):
    """What people are here for; whom they want to date is not listed."""

    list_display = ("user", "purpose", "is_active", "visibility", "youngest", "oldest", "reach", "room")
    list_filter = ("purpose", "is_active", "visibility", "reach")
    search_fields = ("user__email",)
    list_select_related = ("user",)
    autocomplete_fields = ("user",)


@admin.register(Circle)
class CircleAdmin(FactsAdmin):
    """Circles."""

    list_display = ("name", "owner", "created_at")
    list_filter = ("created_at",)
    search_fields = ("name", "code")
    autocomplete_fields = ("owner",)
    readonly_fields = ("code", "public_id")

    def people_of(self, row: Circle) -> list[int]:
        """Return the ids of its members."""
        return list(row.memberships.values_list("user_id", flat=True))


@admin.register(CircleMembership)
class CircleMembershipAdmin(FactsAdmin):
    """Who is in which circle."""

    list_display = ("circle", "user", "joined_at")
    list_filter = ("joined_at",)
    search_fields = ("circle__name", "user__email")
    autocomplete_fields = ("circle", "user")


@admin.register(Report)
class ReportAdmin(ModelAdmin):
    """Complaints, to be looked at; what becomes of one is decided in the queue, with a note."""

    list_display = ("created_at", "reason", "kind", "status", "is_demo")
    list_filter = ("status", "reason", "is_demo")
    search_fields = ("=subject_public_id", "details")
    list_select_related = ("reporter",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody reports by way of admin."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody closes a report without a decision."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody takes a complaint away."""
        return False


class HistoryAdmin(ModelAdmin):
    """Rows that record what happened: to be looked at only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes it here."""
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(HistoryAdmin):
    """Who has a second factor, without its secret; deleting one lets somebody in again who lost it."""

    list_display = SecretsAdmin.list_display
    list_filter = SecretsAdmin.list_filter
    fields = SecretsAdmin.list_display
    search_fields = ("user__email",)
    list_select_related = ("user",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let who may delete rows help somebody who lost their second factor."""
        return bool(request.user.has_perm("mfa.delete_authenticator"))


@admin.register(UserSession)
class UserSessionAdmin(HistoryAdmin):
    """Where people are signed in, without what opens their sessions."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_filter = ("created_at", "last_seen_at")
    fields = list_display
    search_fields = ("=user__public_id", "=ip")
    list_select_related = ("user",)
    ordering = ("-last_seen_at",)


@admin.register(EmailAddress)
class EmailAddressAdmin(HistoryAdmin):
    """Addresses of people, and whether they confirmed them; nobody else can."""

    list_display = ("email", "user", "primary", "verified")
    list_filter = ("verified", "primary")
    search_fields = ("email", "=user__public_id")
    list_select_related = ("user",)
    ordering = ("-pk",)


@admin.register(Consent)
class ConsentAdmin(HistoryAdmin):
    """What people agreed to."""

    list_display = ("user", "kind", "is_given", "version", "decided_at")
    list_filter = ("kind", "is_given", "version")
    search_fields = ("user__email",)
    list_select_related = ("user",)


@admin.register(WantedGender)
class WantedGenderAdmin(HistoryAdmin):
    """How many choices are kept; whose they are is not listed."""

    list_display = ("gender",)
    list_filter = ("gender",)
    search_fields = ("=gender",)
    fields: ClassVar = ("gender",)


@admin.register(Block)
class BlockAdmin(HistoryAdmin):
    """Who keeps whom away."""

    list_display = ("blocker", "blocked", "created_at")
    list_filter = ("created_at",)
    search_fields = ("blocker__email", "blocked__email")
    list_select_related = ("blocker", "blocked")


@admin.register(Visit)
class VisitAdmin(HistoryAdmin):
    """When people were here."""

    list_display = ("user", "started_at", "last_seen_at", "n_requests", "is_demo")
    list_filter = ("is_demo", "started_at")
    search_fields = ("user__email",)
    list_select_related = ("user",)


@admin.register(Notification)
class NotificationAdmin(HistoryAdmin):
    """What people are told."""

    list_display = ("user", "kind", "created_at", "sent_at", "read_at")
    list_filter = ("kind", "sent_at")
    search_fields = ("user__email",)
    list_select_related = ("user",)


@admin.register(Notice)
class NoticeAdmin(HistoryAdmin):
    """What operators said to people."""

    list_display = ("user", "made_at", "read_at", "sent_at")
    list_filter = ("made_at", ("read_at", admin.EmptyFieldListFilter))
    search_fields = ("=user__public_id",)
    list_select_related = ("user",)
    ordering = ("-pk",)


@admin.register(BannedAddress)
class BannedAddressAdmin(HistoryAdmin):
    """Hashes of addresses that may not sign up; deleting one lets its address in again."""

    list_display = ("digest", "banned_at")
    list_filter = ("banned_at",)
    search_fields = ("=digest",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let who may delete rows lift a ban."""
        return bool(request.user.has_perm("accounts.delete_bannedaddress"))


@admin.register(Change)
class ChangeAdmin(HistoryAdmin):
    """Whom every process has read again within the last day."""

    list_display = ("user_id", "changed_at")
    list_filter = ("changed_at",)
    search_fields = ("=user_id",)


@admin.register(Photo)
class PhotoAdmin(ModelAdmin):
    """Photos, those that wait to be looked at first; a photo is shown to others only after "Pass"."""

    list_display = ("thumbnail", "user", "state", "audience", "uploaded_at", "reviewed_at")
    list_filter = ("state", "audience", "uploaded_at")
    search_fields = ("=user__public_id",)
    list_select_related = ("user",)
    fields = ("thumbnail", "user", "state", "audience", "uploaded_at", "reviewed_at")
    readonly_fields = fields
    ordering = ("-state", "uploaded_at")
    actions = ("pass_photos", "refuse_photos")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Operators add no photos."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        """Refusing is enough; its owner removes it."""
        return False

    def get_urls(self) -> list[Any]:
        """Add the file itself."""
        shown = self.admin_site.admin_view(self.file)
        return [path("<int:pk>/file/", shown, name="accounts_photo_file"), *super().get_urls()]

    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the photo to an operator who may see photos."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = get_object_or_404(Photo, pk=pk)
        response = HttpResponse(photos.content(photo=photo, size="middle"), content_type="image/webp")
        response["Cache-Control"] = "private, no-store"
        return response

    @admin.display(description="Photo")
    def thumbnail(self, photo: Photo) -> str:
        """Draw the photo in the list."""
        address = reverse("admin:accounts_photo_file", args=[photo.pk])
        return format_html('<img src="{}" width="96" height="96" alt="Photo to be looked at">', address)

    @admin.action(description="Pass: show to others", permissions=["change"])
    def pass_photos(self, request: HttpRequest, chosen: QuerySet[Photo]) -> None:
        """Show photos to others."""
        self._review(request, chosen, passes=True)

    @admin.action(description="Refuse: do not show", permissions=["change"])
    def refuse_photos(self, request: HttpRequest, chosen: QuerySet[Photo]) -> None:
        """Keep photos from others."""
        self._review(request, chosen, passes=False)

    def _review(self, request: HttpRequest, chosen: QuerySet[Photo], *, passes: bool) -> None:
        """Decide about photos, and log each decision."""
        for photo in chosen:
            photos.review(photo=photo, passes=passes)
            self.log_change(request, photo, "Passed." if passes else "Refused.")
        self.message_user(request, f"{len(chosen)} decided.", messages.SUCCESS)


@admin.register(NotificationChoice)
class NotificationChoiceAdmin(ModelAdmin):
    """How often people want mails."""

    list_display = ("user", "kind", "frequency", "mailed_at")
    list_filter = ("kind", "frequency")
    search_fields = ("=user__public_id",)
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
