"""One rule for what people send: what is a slip, and what was tampered with.

- Control characters and needless white space are removed: nobody types them on purpose, and databases refuse NUL.
- An error in a field that people type into is a slip: the form comes back with a message. A page without a form for
  it answers 400.
- An error in any other field (a choice, a hidden field) is tampering, because no link or form of the site sends such a
  value: 400.
- A page, list or row that does not exist, or is hidden: 404.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import QueryDict

from .text import squeeze


def clean_query(data: QueryDict, clean: Callable[[str], str] = squeeze) -> QueryDict:
    """A copy of `data` with every name and value cleaned."""
    cleaned = QueryDict(mutable=True)
    for name, values in data.lists():
        cleaned.setlist(clean(name), [clean(value) for value in values])
    return cleaned


def is_valid(form: forms.BaseForm) -> bool:
    """Whether the bound `form` is valid; False for a slip. Raises BadRequest for tampering."""
    tampered = [name for name in form.errors if name in form.fields and not _is_typed(form.fields[name])]
    if tampered:
        raise BadRequest(", ".join(tampered))
    return not form.errors


def cleaned_data(form: forms.BaseForm) -> dict[str, Any]:
    """The cleaned data of a bound form that no page shows again. Raises BadRequest for every error."""
    if form.errors:
        raise BadRequest(", ".join(form.errors))
    return form.cleaned_data


def _is_typed(field: forms.Field) -> bool:
    return not (field.widget.is_hidden or isinstance(field, forms.ChoiceField))
