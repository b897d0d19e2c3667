"""The accessibility statement, a page of the footer. Staff edit it in the admin.

Its text says what this software does, and what its tests hold; what only the society can say is left to it.
"""

from django.db import migrations
from django.db.models import F

STATEMENT = """
<p>This website is meant for everybody. It is built to meet the Web Content Accessibility Guidelines (WCAG) 2.2 at
level AA.</p>
<h2>What that means here</h2>
<ul>
<li>Everything can be done with the keyboard alone, and without JavaScript.</li>
<li>Pages have headings, landmarks and a link that skips to the content. What changes on a page is told to screen
readers.</li>
<li>Colors follow the settings of your device: light or dark, more contrast, or colors of your own. Nothing moves that
you did not ask to move.</li>
<li>Text can be enlarged to 200 percent and reads in one column on a small screen. Wide tables scroll by
themselves.</li>
</ul>
<h2>What is not perfect</h2>
<ul>
<li>Abstracts are published as their authors sent them. Figures may lack a description, and some tables are images.</li>
<li>Special characters and superscripts in titles are read out differently by different screen readers.</li>
</ul>
<h2>How it is tested</h2>
<p>Each change of the software is tested in a browser with axe-core, on every type of page in light and dark, and the
HTML is checked by the validator of the W3C. This finds much, not everything.</p>
<h2>Tell us</h2>
<p>If something cannot be read or used, write to the society with the address of the page. You can also ask for an
abstract in another form.</p>
""".strip()


def make_page(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("abstracts", "Page").objects.using(alias).get_or_create(
        slug="accessibility", defaults={"title": "Accessibility", "html": STATEMENT, "position": 3}
    )
    apps.get_model("abstracts", "ArchiveState").objects.using(alias).update(revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("abstracts", "0006_revision_tokens")]

    # Backwards it stays: staff may have written it anew.
    operations = [migrations.RunPython(make_page, migrations.RunPython.noop)]
