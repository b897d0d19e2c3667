"""Addresses of favorites and accounts."""

from django.urls import include, path

from ..views import applying, exports, favorites, lists, offline, organizing, program, shared

# What calendars read has one address, whatever the language of the page that links it.
machine_urlpatterns = [
    path("favorites/offline.json", offline.favorites_to_store, name="favorites-offline"),
    path("calendars/<slug:token>.ics", program.subscription, name="calendar"),
]

urlpatterns = [
    path("favorites/", favorites.listing, name="favorites"),
    path("favorites/print/", favorites.print_all, name="favorites-print"),
    path("favorites/clear/", favorites.clear, name="favorites-clear"),
    path("favorites/restore/", favorites.restore, name="favorites-restore"),
    path("favorites/note/", organizing.note, name="favorites-note"),
    path("favorites/place/", organizing.place, name="favorites-place"),
    path("favorites/arrange/", organizing.arrange, name="favorites-arrange"),
    path("favorites/lists/", lists.overview, name="favorites-lists"),
    path("favorites/lists/new/", lists.create, name="favorites-list-new"),
    path("favorites/lists/<int:pk>/rename/", lists.rename, name="favorites-list-rename"),
    path("favorites/lists/<int:pk>/delete/", lists.delete, name="favorites-list-delete"),
    path("favorites/lists/<int:pk>/share/", lists.share, name="favorites-list-share"),
    path("favorites/lists/<int:pk>/stop-sharing/", lists.stop_sharing, name="favorites-list-stop-sharing"),
    path("favorites/programme/", program.program, name="favorites-program"),
    path("favorites/programme.ics", program.download, name="favorites-program-file"),
    path("favorites/programme/address/", program.new_address, name="favorites-calendar-new"),
    path("favorites/programme/address/revoke/", program.revoke_address, name="favorites-calendar-revoke"),
    path("favorites/export/<slug:name>/", exports.favorites_export, name="favorites-export"),
    path("favorites/add/", favorites.add, name="favorite-add"),
    path("favorites/remove/", favorites.remove, name="favorite-remove"),
    path("lists/<slug:token>/", shared.shared, name="shared-list"),
    path("lists/<slug:token>/keep/", shared.keep, name="shared-list-keep"),
    path("lists/<slug:token>/export/<slug:name>/", exports.shared_export, name="shared-list-export"),
    path("press/", applying.meetings, name="press"),
    path("press/<slug:slug>/", applying.apply, name="press-apply"),
    path("press/<slug:slug>/sent/", applying.sent, name="press-sent"),
    path("accounts/", include("accounts.urls.account")),
]
