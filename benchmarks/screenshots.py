"""Takes a picture of every type of page in every state, from a running site that holds the sample:

    make demo                                        (in another terminal; any other site with the sample will do)
    .venv/bin/python -m benchmarks.screenshots http://127.0.0.1:8000 /tmp/shots [--only abstract] [--looks 380-dark]

Writes <look>/<page>.png, and contact sheets <look>-<n>.png that show them side by side. A look is a width, a color
scheme and what is done to the page: 200 % zoom is half the viewport at twice the pixels, print is the PDF's first
pages (poppler-utils). `--empty` takes only what an empty database can show. `--sign-in EMAIL:PASSWORD`, as the
demonstration printed them, adds the pages of an account.
"""

import argparse
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

M25, M26 = "/meetings/sample-convergence-2025/", "/meetings/sample-convergence-2026/"
EMPTY = {
    "home": "/",
    "meetings": "/meetings/",
    "keywords": "/keywords/",
    "authors": "/authors/",
    "search": "/search/",
    "search-none": "/search/?q=zyxwvut",
    "favorites-none": "/favorites/",
    "favorites-print-none": "/favorites/print/",
    "favorites-clear-none": "/favorites/clear/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "password": "/accounts/password/reset/",
    "error-404": "/nothing/here/",
    "error-400": "/keywords/?page=x",
}
FULL = {
    "meeting": M26,
    "meeting-past": M25,
    "meeting-numbers": M25 + "?view=abstracts",
    "meeting-filtered": M25 + "?q=lupus",
    "meeting-none": M25 + "?q=zyxwvut&view=abstracts",
    "meeting-old": "/meetings/sample-annual-meeting-2012/",
    "embargo-policy": "/embargo/sample-convergence-2026/",
    "abstract": M25 + "0003/",
    "abstract-figure": M26 + "0009/",
    "abstract-table": M26 + "0011/",
    "abstract-many-authors": M25 + "0001/",
    "abstract-long-title": M25 + "0031/",
    "abstract-withdrawn": M25 + "0042/",
    "abstract-withdrawn-early": M26 + "0019/",
    "abstract-retracted": M25 + "0019/",
    "abstract-corrected": M25 + "0025/",
    "abstract-shell": M26 + "0001/",
    "abstract-listing": M26 + "0008/",
    "abstract-late": M26 + "LB01/",
    "search-found": "/search/?q=lupus+nephritis",
    "search-faceted": "/search/?q=lupus&meeting=sample-convergence-2025",
    "search-spelling": "/search/?q=nephrits",
    "search-any-star": "/search/?q=lup*",
    "author-stretch": "/authors/?start=m",
    "authors-none": "/authors/?q=zyxwvut",
    "download": "/download/sample-convergence-2025/",
    "download-list": "/download/",
    "offline": "/offline/",
    "es-home": "/es/",
    "es-meeting": "/es" + M26,
    "es-abstract": "/es" + M25 + "0003/",
    "es-shell": "/es" + M26 + "0001/",
    "es-search": "/es/search/",
    "es-search-found": "/es/search/?q=lupus+nephritis",
    "es-favorites-none": "/es/favorites/",
    "es-download": "/es/download/sample-convergence-2025/",
    "es-sign-in": "/es/accounts/login/",
    "es-error-404": "/es/nothing/here/",
    "keywords-found": "/keywords/?q=lup",
}
# Followed from other pages: name, page it starts at, selector of the link.
LINKED = {
    "session": (M25, ".program li a"),
    "session-many": (M25 + "0003/", ".session-information a"),
    "keyword": ("/keywords/", ".entries a"),
    "author": ("/authors/", ".entries a"),
}
FAVORITES = {
    "favorites": "/favorites/",
    "favorites-organize": "/favorites/?organize=1",
    "favorites-program": "/favorites/programme/",
    "favorites-lists": "/favorites/lists/",
    "favorites-print": "/favorites/print/",
    "favorites-print-compact": "/favorites/print/?layout=compact",
    "favorites-clear": "/favorites/clear/",
    "es-favorites": "/es/favorites/",
    "es-favorites-organize": "/es/favorites/?organize=1",
    "es-favorites-program": "/es/favorites/programme/",
    "es-favorites-lists": "/es/favorites/lists/",
    "es-favorites-print": "/es/favorites/print/",
}
ACCOUNT = {
    "account": "/accounts/",
    "account-profile": "/accounts/profile/",
    "account-email": "/accounts/email/",
    "account-password": "/accounts/password/change/",
    "account-sessions": "/accounts/sessions/",
    "account-searches": "/accounts/searches/",
    "account-search-new": "/accounts/searches/new/?q=lupus",
    "account-delete": "/accounts/delete/",
    "account-second-factor": "/accounts/2fa/",
    "account-totp": "/accounts/2fa/totp/activate/",
    "account-passkey": "/accounts/2fa/webauthn/add/",
    "account-orcid": "/accounts/3rdparty/",
    "account-press": "/accounts/press/",
    "account-sign-out": "/accounts/logout/",
    "account-ahead": M26 + "0008/",
    "account-draft-or-shell": M26 + "0001/",
    "es-account": "/es/accounts/",
    "es-account-searches": "/es/accounts/searches/",
    "es-account-sessions": "/es/accounts/sessions/",
    "es-account-second-factor": "/es/accounts/2fa/",
    "es-account-delete": "/es/accounts/delete/",
}
LOOKS = {
    "380-light": {"viewport": {"width": 380, "height": 800}, "color_scheme": "light"},
    "380-dark": {"viewport": {"width": 380, "height": 800}, "color_scheme": "dark"},
    "768-light": {"viewport": {"width": 768, "height": 1024}, "color_scheme": "light"},
    "768-dark": {"viewport": {"width": 768, "height": 1024}, "color_scheme": "dark"},
    "1440-light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "1440-dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "zoom": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "contrast": {"viewport": {"width": 1024, "height": 800}, "contrast": "more"},
    "forced": {"viewport": {"width": 1024, "height": 800}, "forced_colors": "active"},
    "print": {"viewport": {"width": 1024, "height": 800}},
}
SWITCHES = "no-sandbox disable-gpu disable-dev-shm-usage no-first-run disable-background-networking disable-quic"
TALLEST = 5000


def pages_of(page: Page, asked: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Names and addresses of the pages asked for; stars some abstracts before those of favorites, signs in at last."""
    only, addresses = asked.only, EMPTY if asked.empty else EMPTY | FULL
    yield from ((name, address) for name, address in addresses.items() if only in name)
    if asked.empty:
        return
    for name, (start, selector) in LINKED.items():
        if only in name:
            page.goto(start)
            yield name, page.locator(selector).first.get_attribute("href") or start
    if any(only in name for name in FAVORITES):
        page.goto(M25 + "?view=abstracts")
        for place in range(4):
            page.locator(".star").nth(place).click()
            page.locator(".star[aria-pressed=true]").nth(place).wait_for()
        yield from ((name, address) for name, address in FAVORITES.items() if only in name)
    if asked.sign_in:
        sign_in(page, *asked.sign_in.split(":", 1))
        yield from ((name, address) for name, address in ACCOUNT.items() if only in name)


def shoot(page: Page, file: pathlib.Path, prints: bool) -> None:
    """A picture of the whole page as it stands, or of the pages it prints."""
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.wait_for_load_state("networkidle")
    if not prints:
        height = page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": min(height, TALLEST)}
        page.screenshot(path=file, full_page=True, clip=clip)
        return
    page.pdf(path=file.with_suffix(".pdf"), format="Letter", prefer_css_page_size=True)
    command = [shutil.which("pdftoppm"), "-png", "-r", "60", "-l", "4", str(file.with_suffix(".pdf")), str(file)]
    subprocess.run(command, check=True)
    sheets = [Image.open(path) for path in sorted(file.parent.glob(f"{file.name}-*.png"))]
    beside(sheets).save(file)
    for path in file.parent.glob(f"{file.name}-*.png"):
        path.unlink()


def beside(images: list[Image.Image], gap: int = 8) -> Image.Image:
    """The images in a row, on gray."""
    sheet = Image.new("RGB", (sum(i.width + gap for i in images), max(i.height for i in images)), "gray")
    x = 0
    for image in images:
        sheet.paste(image, (x, 0))
        x += image.width + gap
    return sheet


def contact_sheets(folder: pathlib.Path, width: int = 480, tallest: int = 1400, across: int = 5) -> None:
    """Pictures in `folder`, labelled and made smaller, `across` on a sheet beside the folder."""
    small = []
    for file in sorted(folder.glob("*.png")):
        image = Image.open(file).convert("RGB")
        image = image.resize((width, max(1, image.height * width // image.width)), Image.Resampling.LANCZOS)
        card = Image.new("RGB", (width, min(image.height, tallest) + 18), "gold")
        card.paste(image.crop((0, 0, width, tallest)) if image.height > tallest else image, (0, 18))
        ImageDraw.Draw(card).text((4, 3), file.stem, fill="black")
        small.append(card)
    for first in range(0, len(small), across):
        beside(small[first : first + across]).save(f"{folder}-{first // across + 1}.png")


def sign_in(page: Page, email: str, password: str) -> None:
    """Signs in, and confirms it once more, as pages about secrets ask."""
    page.goto("/accounts/login/?next=/accounts/delete/")
    page.locator("input[name=login]").fill(email)
    for _ in range(2):
        page.locator("main input[name=password]").fill(password)
        page.locator("main form:has(input[name=password]) button").first.click()
        page.wait_for_load_state("networkidle")


def take(browser: Browser, folder: pathlib.Path, look: str, asked: argparse.Namespace) -> None:
    """All pages in one look."""
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=asked.site, **LOOKS[look])
    page = context.new_page()
    for name, address in pages_of(page, asked):
        page.goto(address)
        shoot(page, folder / f"{name}.png", prints=look == "print")
    context.close()
    contact_sheets(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="part of the name of the pages wanted")
    parser.add_argument("--looks", nargs="*", default=list(LOOKS), choices=list(LOOKS))
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--sign-in", metavar="EMAIL:PASSWORD")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or "chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=[f"--{s}" for s in SWITCHES.split()])
        for look in asked.looks:
            take(browser, asked.folder / look, look, asked)
        browser.close()


if __name__ == "__main__":
    main()
