"""Copies that people asked for, and dormant accounts, in Django admin: when, never what is in them."""

from django.contrib import admin

from privacy.models import Dormancy, Export
from surveys.admin import HistoryAdmin


@admin.register(Export)
class ExportAdmin(HistoryAdmin):
    """Who has a copy to fetch, and since when."""

    list_display = ("created_at", "user")
    list_filter = ("created_at",)
    search_fields = ("user__public_id",)
    fields = ("user", "created_at")
    list_select_related = ("user",)
    ordering = ("-created_at",)


@admin.register(Dormancy)
class DormancyAdmin(HistoryAdmin):
    """Who was told that the account will go, and when."""

    list_display = ("told_at", "user")
    list_filter = ("told_at",)
    search_fields = ("user__public_id",)
    fields = ("user", "told_at")
    list_select_related = ("user",)
    ordering = ("-told_at",)
