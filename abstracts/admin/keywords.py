"""Keywords and their synonyms."""

from django.contrib import admin
from django.db.models import Q

from ..models import AbstractKeyword, Keyword, KeywordSynonym
from .base import Inline
from .forms import UniqueKeyForm
from .merging import IndexAdmin


class KeywordForm(UniqueKeyForm):
    class Meta:
        model = Keyword
        fields = ["name", "slug"]

    def check_unique(self):
        super().check_unique()
        synonym = KeywordSynonym.unfiltered.filter(key=self.instance.key).select_related("keyword").first()
        if synonym and synonym.keyword_id != self.instance.pk:
            self.add_error("name", f"This is a synonym of “{synonym.keyword}”.")


class SynonymForm(UniqueKeyForm):
    class Meta:
        model = KeywordSynonym
        fields = ["name", "slug"]
        help_texts = {"slug": "A former address that leads on; blank: made from the name."}

    def check_unique(self):
        super().check_unique()
        if other := Keyword.unfiltered.filter(Q(key=self.instance.key) | Q(slug=self.instance.slug)).first():
            self.add_error("name", f"“{other}” is a keyword: merge the two instead.")


class SynonymInline(Inline):
    model = KeywordSynonym
    form = SynonymForm


@admin.register(Keyword)
class KeywordAdmin(IndexAdmin):
    form = KeywordForm
    inlines = [SynonymInline]
    list_display = ["name", "slug", "abstracts"]
    search_fields = ["name"]
    search_help_text = "Words of the keyword or of a synonym."
    link = AbstractKeyword._meta.get_field("keyword")
    former_names = KeywordSynonym

    def take_over(self, source, target, user):
        return move_keyword(source, target)

    def leave_name(self, source, target):
        leave_synonym(source, target)


def move_keyword(source: Keyword, target: Keyword) -> int:
    """Give the abstracts and synonyms of `source` to `target`; the number of abstracts."""
    of_target = AbstractKeyword.unfiltered.filter(keyword=target).order_by().values_list("abstract", flat=True)
    links = AbstractKeyword.unfiltered.filter(keyword=source)
    count = links.count()
    # A link keeps its words as typed. An abstract that has both keywords keeps its link to the target.
    links.filter(abstract__in=list(of_target)).delete()
    links.update(keyword=target)
    KeywordSynonym.unfiltered.filter(keyword=source).update(keyword=target)
    return count


def leave_synonym(source: Keyword, target: Keyword) -> None:
    """Delete `source`; its name, key and address become a synonym of `target`."""
    name, slug, key = source.name, source.slug, source.key
    source.delete()
    KeywordSynonym.unfiltered.filter(Q(key=key) | Q(slug=slug)).update(keyword=target)
    has_slug = KeywordSynonym.unfiltered.filter(slug=slug).exists()
    if synonym := KeywordSynonym.unfiltered.filter(key=key).first():
        if not has_slug:
            KeywordSynonym.unfiltered.filter(pk=synonym.pk).update(slug=slug)
    else:
        KeywordSynonym(keyword=target, name=name, slug=f"{slug}-{target.pk}" if has_slug else slug).save()
