"""Addresses of the account's own pages, and of saved searches."""

from django.urls import path

from ..views import account, press, searches, security

urlpatterns = [
    path("", account.overview, name="account_overview"),
    path("profile/", account.profile, name="account_profile"),
    path("my-data.json", account.download, name="account_download"),
    path("delete/", account.delete, name="account_delete"),
    path("second-factor/", security.explain_second_factor, name="account_second_factor"),
    path("sessions/<int:pk>/end/", security.end_session, name="account_session_end"),
    path("searches/", searches.listing, name="account_searches"),
    path("searches/new/", searches.new, name="account_search_new"),
    path("searches/<int:pk>/", searches.edit, name="account_search"),
    path("searches/<int:pk>/delete/", searches.delete, name="account_search_delete"),
    path("searches/unsubscribe/<str:token>/", searches.unsubscribe, name="account_search_unsubscribe"),
    path("press/", press.access, name="account_press"),
    path("press/<int:pk>/accept/", press.accept, name="account_press_accept"),
    path("press/<int:pk>/mails/", press.mails, name="account_press_mails"),
]
