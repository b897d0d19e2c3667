"""The catalogues of translations: `make messages` brings them up to date with the sources and compiles them.

Needs nothing but Python: Babel stands in for gettext's programs, and templates are read as Django's `makemessages`
reads them. With --check nothing is written. Both say what is not translated, and fail where there is any.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "acrsite" / "locale"
APPS = ("abstracts", "accounts", "acrsite")
ENGLISH = {"admin", "simple_history"}  # the admin's own words are Django's; ours in it are English
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(({_STRING}(?:, {_STRING})*)", re.S)
_TAG = re.compile(r"</?\w+")


def template_strings(file, keywords, comment_tags, options) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """Babel's extractor of Django templates: (line, function, its strings, comments)."""
    source = templatize(file.read().decode())
    for call in _CALL.finditer(source):
        strings = ast.literal_eval(f"({call[2]},)")
        yield source.count("\n", 0, call.start()) + 1, call[1], strings, []


def in_sources() -> Catalog:
    """Every string that the sources mark, with the files it stands in."""
    found = Catalog()
    pages = [path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    templates = [path for path in pages if not ENGLISH.intersection(path.parts)]
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    for path in sorted(templates + modules):
        method = "python" if path.suffix == ".py" else template_strings
        for _line, strings, _comments, context in extract_from_file(method, path, KEYWORDS):
            found.add(strings, locations=[(str(path.relative_to(ROOT)), 0)], context=context)
    return found


def update(po: Path) -> None:
    """Write the strings of the sources into `po`, new ones without a translation, and what is translated beside it."""
    catalog = _read(po)
    created = catalog.creation_date
    catalog.update(in_sources(), no_fuzzy_matching=True)
    catalog.creation_date = created
    with po.open("wb") as file:
        write_po(file, catalog, width=118, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    compiled = _read(po)
    for message in [m for m in compiled if m.id and not all(_strings(m))]:
        compiled.delete(message.id, message.context)  # else plurals would come out empty instead of English
    with po.with_suffix(".mo").open("wb") as file:
        write_mo(file, compiled)


def faults(po: Path) -> Iterator[str]:
    """What is wrong with `po`: a line for each string of the sources that pages would not say as they should."""
    catalog = _read(po)
    for wanted in in_sources():
        message = catalog.get(wanted.id, wanted.context) if wanted.id else None
        if wanted.id and (message is None or not all(_strings(message))):
            yield f"not translated: {wanted.id!r} of {', '.join(path for path, _ in wanted.locations)}"
        elif message:
            yield from _faults_of(message, catalog)
    with po.with_suffix(".mo").open("rb") as file:
        compiled = _told(read_mo(file))
    if compiled != _told(catalog):
        yield f"{po.with_suffix('.mo').name} is not what {po.name} says: make messages"


def _faults_of(message: Message, catalog: Catalog) -> Iterator[str]:
    ids = message.id if message.pluralizable else (message.id,)
    if message.fuzzy:
        yield f"fuzzy: {message.id!r}"
    yield from (f"{error}: {message.id!r}" for error in message.check(catalog))
    if any(sorted(_TAG.findall(text)) != sorted(_TAG.findall(ids[-1])) for text in _strings(message)):
        yield f"other tags than the English: {message.id!r}"


def _told(catalog: Catalog) -> set[tuple]:
    """What `catalog` translates, to be compared. (Babel gives contexts back from a compiled one as bytes.)"""
    translated = (m for m in catalog if m.id and all(_strings(m)) and not m.fuzzy)
    return {(_text(m.context), *([m.id] if isinstance(m.id, str) else m.id), *_strings(m)) for m in translated}


def _text(context: str | bytes | None) -> str:
    return context.decode() if isinstance(context, bytes) else context or ""


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (list, tuple)) else (message.string,)


def _read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.parent.parent.name, domain="django")


if __name__ == "__main__":
    settings.configure()
    catalogues = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
    if "--check" not in sys.argv:
        for each in catalogues:
            update(each)
    found = [f"{each.relative_to(ROOT)}: {fault}" for each in catalogues for fault in faults(each)]
    sys.exit("\n".join(found) or 0)
