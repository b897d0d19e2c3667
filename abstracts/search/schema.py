"""The fields of an index document.

Text fields have terms (see `analysis`), separated by spaces. Raw fields have one value in each term. A document shows
one `level` of one abstract, and says who may find it and when (see `documents`).
"""

import functools

from tantivy import FieldType, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

# Raise it with each change of analysis, schema or documents: indexes of other versions are not read.
SCHEMA_VERSION = 3

# Terms with positions. `everything` is title, keywords and text; it is stored, so that abstracts can be compared.
# `words` (the same plus the authors, in parts separated by BOUNDARY) and `title_words` are neither stemmed nor without
# stop words: for exact phrases, prefixes and spelling.
TEXT = ("title", "keywords", "authors", "places", "everything", "words", "title_words")
# One value in each term, for exact look-ups. `cased`: words whose capitals matter; `slot`: the session type and day of
# a presentation.
RAW = ("author_pairs", "number", "trial", "doi", "title_key", "cased", "slot", "type", "day", "country", "institution")
# Names of keywords and persons, for suggestions: the name, SEPARATOR, and the primary key.
ENTRIES = ("keyword_entry", "person_entry")
NUMBERS = (
    "pk",
    "level",
    "valid_from",
    "valid_until",
    "press",
    "press_from",
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
    # For the one document with the mark of the index.
    builder.add_text_field("state", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("revision", stored=True)
    builder.add_text_field("token", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def with_tokenizers(index: Index) -> Index:
    """Register the tokenizer of the schema's text fields with `index`; needed each time an index is opened."""
    index.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index
