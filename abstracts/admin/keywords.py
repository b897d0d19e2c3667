"""Keywords and their synonyms."""

from django.contrib import admin
from django.db.models import Q

from ..models import AbstractKeyword, Keyword, KeywordSynonym
from ..words.text import sort_key
from .base import ArchiveAdmin, Inline, number_of
from .forms import UniqueKeyForm
from .merging import MergeAdmin, Refused, note_merge


class KeywordForm(UniqueKeyForm):
    class Meta:
        model = Keyword
        fields = ["name", "slug"]

    def refuse_taken(self):
        super().refuse_taken()
        synonym = KeywordSynonym.objects.filter(key=self.instance.key).select_related("keyword").first()
        if synonym and synonym.keyword_id != self.instance.pk:
            self.add_error("name", f"This is a synonym of “{synonym.keyword}”.")


class SynonymForm(UniqueKeyForm):
    class Meta:
        model = KeywordSynonym
        fields = ["name", "slug"]
        help_texts = {"slug": "A former address that leads on; blank: made from the name."}

    def refuse_taken(self):
        super().refuse_taken()
        if other := Keyword.objects.filter(Q(key=self.instance.key) | Q(slug=self.instance.slug)).first():
            self.add_error("name", f"“{other}” is a keyword: merge the two instead.")


class SynonymInline(Inline):
    model = KeywordSynonym
    form = SynonymForm


@admin.register(Keyword)
class KeywordAdmin(MergeAdmin, ArchiveAdmin):
    form = KeywordForm
    inlines = [SynonymInline]
    actions = ["merge_selected"]
    list_display = ["name", "slug", "abstracts"]
    search_fields = ["name"]
    search_help_text = "Words of the keyword or of a synonym."
    merge_relation = AbstractKeyword._meta.get_field("keyword")

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.path.endswith("/autocomplete/"):
            return rows
        return rows.annotate(abstracts=number_of(AbstractKeyword, "keyword"))

    def get_search_results(self, request, queryset, search_term):
        """Every word must be in the keyword, or in one of its synonyms, whatever the accents."""
        for word in sort_key(search_term).split()[:8]:
            synonyms = KeywordSynonym.objects.filter(key__contains=word).order_by().values("keyword")
            queryset = queryset.filter(Q(key__contains=word) | Q(pk__in=synonyms))
        return queryset, False

    @admin.display(description="abstracts", ordering="abstracts")
    def abstracts(self, keyword):
        return keyword.abstracts

    def merge_label(self, row):
        return f"{row.name} ({row.abstracts} abstracts)"

    def merge(self, request, sources, target):
        if not sources:
            raise Refused("Choose at least two keywords, or another one to merge into.")
        moved = 0
        for source in sources:
            count = move_keyword(source, target)
            note_merge(request, source, target, count)
            leave_synonym(source, target)
            moved += count
        return f"Merged {len(sources)} into “{target}”; {moved} abstracts moved."


def move_keyword(source: Keyword, target: Keyword) -> int:
    """Give the abstracts and synonyms of `source` to `target`; the number of abstracts touched."""
    both = AbstractKeyword.unfiltered.filter(keyword=target).order_by().values("abstract")
    of_source = AbstractKeyword.unfiltered.filter(keyword=source)
    count = of_source.count()
    # The words as typed stay with the row; an abstract that has both keeps the one of the target.
    of_source.filter(abstract__in=list(both.values_list("abstract", flat=True))).delete()
    of_source.update(keyword=target)
    KeywordSynonym.objects.filter(keyword=source).update(keyword=target)
    return count


def leave_synonym(source: Keyword, target: Keyword) -> None:
    """Delete `source` and leave its name, key and address behind as a synonym of `target`."""
    name, slug, key = source.name, source.slug, source.key
    source.delete()
    KeywordSynonym.objects.filter(Q(key=key) | Q(slug=slug)).update(keyword=target)
    has_slug = KeywordSynonym.objects.filter(slug=slug).exists()
    if known := KeywordSynonym.objects.filter(key=key).first():
        if not has_slug:
            KeywordSynonym.objects.filter(pk=known.pk).update(slug=slug)
    else:
        KeywordSynonym(keyword=target, name=name, slug=f"{slug}-{target.pk}" if has_slug else slug).save()
