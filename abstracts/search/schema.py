"""The fields of an index document.

Text fields hold terms (see `analysis`), separated by spaces. Raw fields hold one value a term. A document shows one
`level` of one abstract and says itself who may find it, and when (see `documents`).
"""

import functools

from tantivy import FieldType, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

# Goes up with every change of analysis, schema or documents: what an older program indexed is not read any more.
SCHEMA_VERSION = 2

# Terms, with positions. `everything` is title, keywords and text; it is stored to compare abstracts by. `words` is
# that and the authors, unstemmed and with its stop words, each part behind a BOUNDARY, `title_words` the title: for
# exact phrases, prefixes and spelling.
TEXT = ("title", "keywords", "authors", "places", "everything", "words", "title_words")
# One value a term: exact look-ups. `cased` are words whose capitals matter; `slot` a presentation's session type and
# day.
RAW = ("author_pairs", "number", "trial", "doi", "title_key", "cased", "slot", "type", "day", "country", "institution")
# Beginnings of index entries, for suggestions: the entry, SEPARATOR, and its primary key.
ENTRIES = ("keyword_entry", "person_entry")
NUMBERS = (
    "pk",
    "level",
    "valid_from",
    "valid_until",
    "press",
    "staff",
    "meeting",
    "year",
    "keyword",
    "person",
    "figures",
)
FACETS = ("type", "country", "institution")
SORTS = ("by_newest", "by_number", "by_title")
SEPARATOR = "\x1f"
BOUNDARY = "|"

INTEGER = FieldType.Integer


@functools.cache
def schema() -> Schema:
    """The schema of every index of this version."""
    builder = SchemaBuilder()
    for name in TEXT:
        builder.add_text_field(name, stored=name == "everything", tokenizer_name="terms")
    for name in RAW:
        builder.add_text_field(name, fast=name in FACETS, tokenizer_name="raw", index_option="basic")
    for name in ENTRIES:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in SORTS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("digest", stored=True, tokenizer_name="raw", index_option="basic")
    # The one document that tells the index's own state.
    builder.add_text_field("state", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("revision", stored=True)
    builder.add_text_field("token", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def with_tokenizers(index: Index) -> Index:
    """`index`, knowing how the schema's text fields are split: it has to be told whenever it is opened."""
    index.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index
