"""Accounts in the admin: users, whose name is their e-mail address, and the record of reads ahead of release.

What users keep for themselves (lists, searches, sessions, secrets of second factors) staff do not see.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.db import transaction

from abstracts.admin.base import PlainAdmin, ReadOnlyAdmin

from ..models import EmbargoedRead, SavedSearch, User
from ..people.invitation import invite


class AddUserForm(forms.ModelForm):
    """An account without a password: its owner chooses one, by the link that is mailed."""

    class Meta:
        model = User
        fields = ["email"]

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"]).lower()

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


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
    list_display = ["email", "last_name", "first_name", "is_staff", "in_groups"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    readonly_fields = ["last_login", "date_joined", "saved_searches"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Name", {"fields": ["first_name", "last_name"]}),
        ("Keeps", {"fields": ["saved_searches"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates (UTC)", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email"]})]
    actions = ["send_invitations"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            # Only who reads its mail comes in: by the link, or by a code that is mailed.
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=True)
            transaction.on_commit(lambda: self.send_invitation(request, obj))

    @admin.action(description="Send a link to choose a password", permissions=["change"])
    def send_invitations(self, request, users):
        for user in users:
            self.send_invitation(request, user)

    def send_invitation(self, request, user) -> None:
        try:
            invite(user)
        except OSError:
            failed = f"The mail server did not take the e-mail to {user.email}. Send it again from the list of users."
            self.message_user(request, failed, messages.ERROR)
        else:
            self.message_user(request, f"A link to choose a password was sent to {user.email}.")

    @admin.display(description="groups")
    def in_groups(self, user) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    @admin.display(description="saved searches")
    def saved_searches(self, user) -> int:
        return SavedSearch.objects.filter(user=user.pk).count()


@admin.register(Authenticator)
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
    list_display = ["at", "email", "role", "meeting", "number", "title", "kind", "path"]
    list_filter = ["day", "role", "meeting", "email"]
    search_fields = ["email", "=number", "title", "path"]
    search_help_text = "A person's address, an abstract's number, words of its title, or an address."
    fields = ["at", "day", "email", "user", "role", "meeting", "number", "title", "abstract_id", "kind", "path"]
    ordering = ["-at", "-pk"]
