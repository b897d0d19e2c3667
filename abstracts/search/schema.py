"""The fields of an index document.

Text fields have terms (see `analysis`), separated by spaces. Raw fields have one value in each term. A document shows
one `level` of one abstract. In the index of all documents it says who may find it and when (see `documents`), and
everything else of it is stored, so that it can be copied into an index of the public (see `writing`).
"""

import functools

from tantivy import FieldType, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

# Raise it with each change of analysis, schema or documents: indexes of other versions are not read.
SCHEMA_VERSION = 5

# Terms with positions. `everything` is title, keywords and text; every index stores it, to compare abstracts.
# `words` (the same plus the authors, in parts separated by BOUNDARY) and `title_words` are neither stemmed nor without
# stop words: for exact phrases, prefixes and spelling.
TEXT = (
    "title", "keywords", "authors", "places", "everything", "words", "title_words",
    "country_words", "meeting_words", "session_words", "type_words",
)  # fmt: skip
# One value in each term, for exact look-ups. `cased`: words whose capitals matter; `slot`: the session type and day of
# a presentation.
RAW = (
    "author_pairs", "author_keys", "number", "trial", "doi", "title_key", "cased", "slot", "type", "day", "country",
    "institution",
)  # fmt: skip
# Names of keywords and persons, for suggestions: the name, SEPARATOR, and the primary key.
ENTRIES = ("keyword_entry", "person_entry")
NUMBERS = ("pk", "level", "meeting", "year", "keyword", "person", "figures")
# Who may find the document, and when (µs since 1970). The public's indexes know nothing of it.
WINDOW = ("valid_from", "valid_until", "press", "press_from", "staff")
FACETS = ("type", "country", "institution")
SORTS = ("by_newest", "by_number", "by_title")
SEPARATOR = "\x1f"
BOUNDARY = "|"

INTEGER = FieldType.Integer


@functools.cache
def schema(stored: bool = False) -> Schema:
    """The schema of every index of this version. `stored`: of the one whose documents can be copied."""
    builder = SchemaBuilder()
    for name in TEXT:
        builder.add_text_field(name, stored=stored or name == "everything", tokenizer_name="terms")
    for name in RAW:
        builder.add_text_field(name, stored=stored, fast=name in FACETS, tokenizer_name="raw", index_option="basic")
    for name in ENTRIES:
        builder.add_text_field(name, stored=stored, tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        builder.add_integer_field(name, stored=stored, indexed=True, fast=True)
    for name in WINDOW:
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in SORTS:
        builder.add_text_field(name, stored=stored, fast=True, tokenizer_name="raw", index_option="basic")
    # Tells one content from another, whoever may find it.
    builder.add_integer_field("digest", stored=stored, fast=True)
    return builder.build()


def with_tokenizers(index: Index) -> Index:
    """Register the tokenizer of the schema's text fields with `index`; needed each time an index is opened."""
    index.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index
