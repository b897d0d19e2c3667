"""The pages that the proxy shows while no process of the site can answer."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from acrsite.errors import bare_page


class Command(BaseCommand):
    help = "Write the page “out of service” as FOLDER/<language>.html, for the proxy. Part of every upgrade."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *args, folder: Path, **options):
        folder.mkdir(parents=True, exist_ok=True)
        for language, _ in settings.LANGUAGES:
            with translation.override(language):
                (folder / f"{language}.html").write_bytes(bare_page("503.html", 503).content)
        self.stdout.write(f"{len(settings.LANGUAGES)} pages written.")
