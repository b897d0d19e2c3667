"""Accounts in the admin: users, whose name is their e-mail address, and the record of embargoed reads.

What users keep for themselves (lists, searches, sessions, secrets of second factors) staff do not see.
"""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from abstracts.admin.base import PlainAdmin, ReadOnlyAdmin

from .models import EmbargoedRead, SavedSearch, User


class AddUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email"]
        field_classes = {}

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"]).lower()


class ChangeUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {}

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(PlainAdmin, DjangoUserAdmin):
    form = ChangeUserForm
    add_form = AddUserForm
    ordering = ["email"]
    list_display = ["email", "last_name", "first_name", "is_staff", "in_groups", "embargo_terms_accepted_at"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    readonly_fields = ["last_login", "date_joined", "saved_searches"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Name", {"fields": ["first_name", "last_name"]}),
        ("Embargo", {"fields": ["embargo_terms_accepted_at"]}),
        ("Keeps", {"fields": ["saved_searches"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates (UTC)", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="groups")
    def in_groups(self, user) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    @admin.display(description="saved searches")
    def saved_searches(self, user) -> int:
        return SavedSearch.objects.filter(user=user.pk).count()


class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors, without their secrets: staff can only take one away, from somebody who has lost it."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(EmbargoedRead)
class EmbargoedReadAdmin(ReadOnlyAdmin):
    list_display = ["at", "email", "abstract", "path"]
    list_select_related = ["abstract"]
    search_fields = ["email", "path", "=abstract__number"]
    fields = ["at", "email", "user", "abstract", "path"]
    ordering = ["-at", "-pk"]


def keep_private(site: admin.AdminSite) -> None:
    """Take allauth's own pages for what is private off `site`; to be called once all of them are there."""
    site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])
    site.register(Authenticator, AuthenticatorAdmin)
