"""The two pages that the footer leads to, so that it never leads nowhere. Staff edit them in the admin.

The texts say what this software does; what only the society can say is left to it.
"""

from django.db import migrations
from django.db.models import F

PRIVACY = """
<p>This page says what this website keeps of its visitors. The society that publishes it may add to it.</p>
<h2>Reading</h2>
<p>You can read, search and print everything that is public without an account. As long as you only read, this site
sets no cookie. It loads nothing from other websites: no analytics, no advertising, no fonts.</p>
<h2>Favorites</h2>
<p>When you add your first favorite, a cookie named <i>sessionid</i> is set, which ties your list to your browser.
It holds a random number and nothing about you. Clear your cookies, and the list is gone from this browser. The pages
for signing in set a second one, <i>csrftoken</i>, which protects their forms. There are no other cookies, and so there
is nothing to accept or to refuse.</p>
<h2>Accounts</h2>
<p>With an account we keep your e-mail address, a password that cannot be read back, and your favorites. The address
is used to confirm it, to reset the password, and for nothing else.</p>
<h2>Embargoed abstracts</h2>
<p>Readers who may see abstracts before their release agree that we record who read which abstract, and when.</p>
<h2>Server logs</h2>
<p>The server notes each request (time, address asked for, network address) to find faults and misuse.</p>
<h2>Your rights</h2>
<p>Ask the society to see, correct or delete what is kept of you.</p>
""".strip()

PERMISSIONS = """
<p>Abstracts on this site are published by the society, and are protected by copyright.</p>
<h2>What you may do</h2>
<ul>
<li>Read, search, print and save abstracts for your own study and work.</li>
<li>Link to any page: addresses stay.</li>
<li>Quote from an abstract with a full citation. Each abstract shows one, ready to copy.</li>
</ul>
<h2>What needs permission</h2>
<ul>
<li>Reproducing a whole abstract, a table or a figure elsewhere, in print or online.</li>
<li>Translating abstracts, or selling or distributing copies of them.</li>
<li>Copying large parts of the archive by machine.</li>
</ul>
<p>Write to the society, and name the abstract by its title, number and meeting.</p>
<h2>Before release</h2>
<p>Abstracts under embargo may not be quoted or reported before their release, whatever else this page allows; see
the embargo policy of their meeting.</p>
""".strip()

PAGES = [("privacy", "Privacy Policy", PRIVACY, 1), ("permissions", "Permissions Policies", PERMISSIONS, 2)]


def make_pages(apps, schema_editor):
    pages = apps.get_model("abstracts", "Page").objects.using(schema_editor.connection.alias)
    for slug, title, html, position in PAGES:
        pages.get_or_create(slug=slug, defaults={"title": title, "html": html, "position": position})
    apps.get_model("abstracts", "ArchiveState").objects.using(schema_editor.connection.alias).update(
        revision=F("revision") + 1
    )


class Migration(migrations.Migration):
    dependencies = [("abstracts", "0002_initial")]

    # Backwards they stay: staff may have written them anew.
    operations = [migrations.RunPython(make_pages, migrations.RunPython.noop)]
