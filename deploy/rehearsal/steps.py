"""Inside the copy of the machine: the documents' steps one after the other, and the checks of what came of them.

Started by the unit of `__main__`, with Debian's Python and nothing else.
"""

import http.client
import os
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

STAGE = Path("/rehearsal")  # the repository, this file, the log
WHEELS = Path("/rehearsal-wheels")
HOST = "abstracts.example.org"
DATA = Path("/var/lib/archive")
failures: list[str] = []
place = "/root"
ENVIRONMENT = {
    **os.environ,
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "REPOSITORY": str(STAGE / "repository"),
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": str(WHEELS),
    "PIP_CONFIG_FILE": "/dev/null",
    "DJANGO_SUPERUSER_EMAIL": "boss@example.org",
    "DJANGO_SUPERUSER_PASSWORD": "a-rehearsal-1234",
}


def say(*words: object) -> None:
    print(*words, flush=True)


def report(name: str, good: bool, detail: object = "") -> None:
    say(f"{'pass' if good else 'FAIL'}  {name}" + (f": {detail}" if detail != "" else ""))
    if not good:
        failures.append(name)


def shell(line: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a line of a document as root, where the last one left off."""
    global place
    script = f"cd {place}; {line}\nstatus=$?; pwd > /run/rehearsal-place; exit $status"
    env = {**ENVIRONMENT, **environment}
    command = ["bash", "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    place = Path("/run/rehearsal-place").read_text().strip()
    return done


def step(line: str, **environment: str) -> str:
    line_run = f"{line} --noinput" if line.endswith("createsuperuser") else line
    begun = time.monotonic()
    done = shell(line_run, **environment)
    say(f"{'ok  ' if done.returncode == 0 else 'FAIL'}  {time.monotonic() - begun:6.1f} s  {line}")
    if done.returncode:
        failures.append(line)
        say(done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


def steps_of(document: str, heading: str) -> list[str]:
    """The lines of the ```sh blocks below `heading` ("## Upgrade") of a document."""
    text = (STAGE / "repository" / document).read_text()
    section = re.search(rf"^{re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section, heading
    blocks = re.findall(r"^```sh\n(.*?)^```", section[1], re.M | re.S)
    return [line for block in blocks for line in block.replace("\\\n", "").splitlines() if line]


CERTIFICATE = f"""
mkdir -p /etc/letsencrypt/live/{HOST}
cd /etc/letsencrypt/live/{HOST}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST} \
    -keyout privkey.pem -out fullchain.pem 2> /dev/null
cat fullchain.pem >> /etc/ssl/certs/ca-certificates.crt
"""
VARIABLES = """
sed -i -e 's|^SECRET_KEY=.*|SECRET_KEY=$odd #(&"\\\\ rehearsal '$(openssl rand -hex 30)'|' \
       -e 's|^EMAIL_URL=.*|EMAIL_URL=smtp://127.0.0.1:1025|' /etc/archive/archive.env
"""
# What a person does after the line that ends so.
PERSON = {"/etc/archive/archive.env": VARIABLES, "archive-manage createsuperuser": CERTIFICATE}


def main() -> int:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write(f"127.0.0.1 {HOST}\n")
    subprocess.run(["git", "config", "--system", "--add", "safe.directory", "*"], check=True)
    subprocess.run(["systemctl", "start", "postgresql@15-main"], check=True)
    threading.Thread(target=be_a_mail_server, daemon=True).start()

    say("The README's steps\n")
    *steps, last = steps_of("README.md", "## Run it for real")
    for line in steps:
        step(line)
        for ending, script in PERSON.items():
            if line.endswith(ending):
                done = shell(f"({script})")
                report(f"what a person does after “{line}”", done.returncode == 0, done.stderr)
    # So that there are figures, some of them under embargo.
    report("the sample is loaded", shell("archive-manage load_sample").returncode == 0)
    for _ in range(60):
        if fetch("/readyz", url="http://127.0.0.1:8000")[0] == 200:
            break
        time.sleep(1)
    shell("archive-manage search_index --update")
    say(step(last))
    check_installation()

    say("\nBackup and restore (docs/operations.md)\n")
    for line in steps_of("docs/operations.md", "## Backups"):
        step(line)
    check_pages("after the restore")

    say("\nUpgrades (docs/operations.md), with requests all the time\n")
    rehearse_upgrades()
    say(f"\n{len(failures)} failed." if failures else "\nAll passed.")
    return len(failures) > 0


def be_a_mail_server() -> None:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 rehearsal\r\n")
            while line := self.rfile.readline().strip().upper():
                self.wfile.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 fine\r\n")

    socketserver.ThreadingTCPServer(("127.0.0.1", 1025), Handler).serve_forever()


def fetch(path: str, url: str = f"https://{HOST}", host: str = HOST) -> tuple[int, dict[str, str], bytes]:
    """Status (0: no answer), headers (repeated ones joined with commas) and body."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        headers = {name.lower(): ", ".join(answer.headers.get_all(name) or []) for name in answer.headers}
        return answer.status, headers, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, {"error": repr(error)}, b""
    finally:
        connection.close()


FIGURES = """
from django.utils import timezone
from abstracts.models import Figure
from abstracts.visibility import ANONYMOUS, Role, Viewer
at = timezone.now()
public = Figure.objects.visible_to(ANONYMOUS, at).exclude(image="")
everything = Figure.objects.visible_to(Viewer(Role.STAFF), at).exclude(image="")
shown = public.order_by("-pk")[0]
hidden = [f for f in everything if not public.filter(pk=f.pk).exists()]
print(shown.get_absolute_url(), shown.image.path, hidden[0].get_absolute_url())
"""


def figures() -> tuple[str, str, str]:
    """Address and file of a figure that is shown, address of one that is not."""
    done = shell(f"archive-manage shell --no-imports -c '{FIGURES}'")
    if done.returncode:
        say(done.stderr)
    shown, file, hidden = done.stdout.split()[-3:]
    return shown, file, hidden


def check_pages(when: str) -> None:
    for _ in range(30):
        if fetch("/")[0] == 200:
            break
        time.sleep(1)
    shown, _, hidden = figures()
    pages = ("/", "/meetings/", "/search/?q=arthritis", "/healthz", "/readyz", shown, hidden)
    statuses = [fetch(path)[0] for path in pages]
    report(f"pages, a figure, and one under embargo {when}", statuses == [200] * 6 + [404], statuses)


def check_installation() -> None:
    say("\nChecks\n")
    check_pages("as installed")
    check_figures()
    check_redirects()
    check_modes()
    check_units()
    check_stopped()
    check_logs()
    limit = shell("runuser -u archive -- psql -tAc 'SHOW statement_timeout' archive").stdout.strip()
    report("the role's limit for statements", limit == "1min", limit)


def check_figures() -> None:
    shown, file, _ = figures()
    _, headers, _ = fetch(shown)
    wanted = ("content-security-policy", "strict-transport-security", "x-content-type-options", "vary", "cache-control")
    lacking = [name for name in wanted if not headers.get(name)]
    report("a figure that nginx sends has the program's headers", not lacking, lacking or "")
    os.chmod(file, 0o600)
    status, headers, _ = fetch(shown)
    kept = headers.get("cache-control", "")
    report("a figure that nginx cannot read is an error to be kept by nobody", "no-store" in kept, (status, kept))
    told = shell("archive-manage doctor figures")
    report("doctor finds that figure, and names the cure", told.returncode == 1 and "www-data" in told.stdout)
    os.chmod(file, 0o640)
    status = fetch(f"/figures-behind-the-law/{Path(file).relative_to(DATA / 'figures')}")[0]
    report("the internal address of figures is closed", status == 404, status)


def check_redirects() -> None:
    status, headers, _ = fetch("/x", url=f"http://{HOST}", host="evil.example")
    report("port 80 redirects no other host", "evil" not in headers.get("location", ""), (status, headers))
    target = fetch("/x?y=1", url=f"http://{HOST}")[1].get("location")
    report("port 80 redirects the site's own", target == f"https://{HOST}/x?y=1", target)


def check_modes() -> None:
    owners = shell(f"find {DATA} -maxdepth 1 -printf '%f %u %g %m\\n' | sort").stdout.splitlines()
    report("folders and modes", "figures archive www-data 2750" in owners, owners)
    peek = shell(f"runuser -u nobody -- sh -c 'ls {DATA} {DATA}/*; cat /etc/archive/archive.env'").stdout
    report("somebody else on the machine sees nothing of it", not peek, peek)
    DATA.chmod(0o700)
    report(
        "doctor finds a folder that nginx cannot pass", "cannot pass" in shell("archive-manage doctor folders").stdout
    )
    DATA.chmod(0o711)


def check_units() -> None:
    for name in ("archive-alerts", "archive-cleanup"):
        shell(f"systemctl start {name}.service")
        result = shell(f"systemctl show --property=Result --value {name}.service").stdout.strip()
        report(f"{name} runs under its unit", result == "success", result)
    timers = shell("systemctl list-timers --no-legend 'archive-*'").stdout
    report("both timers are set", timers.count(".timer") == 2)
    books = shell("systemctl is-active archive-books.service").stdout.strip()
    report("the service that makes books runs", books == "active", books)
    check_book()
    for name in ("web", "alerts", "cleanup", "books"):
        line = shell(f"systemd-analyze security --no-pager archive-{name}.service | tail -1").stdout
        score = float((re.search(r": ([\d.]+)", line) or ["", "10"])[1])
        report(f"systemd-analyze security archive-{name} is at most 3.0", score <= 3.0, score)
    units = "archive-web.service archive-books.service archive-alerts.timer archive-cleanup.timer"
    told = shell(f"systemd-analyze verify {units}")
    report("systemd-analyze verify", told.returncode == 0 and "archive" not in told.stderr, told.stderr.strip())
    begun = time.monotonic()
    shell("systemctl restart archive-web.service")
    status = fetch("/healthz")[0]
    report("a request during a restart waits and is answered", status == 200, f"{time.monotonic() - begun:.1f} s")


def check_stopped() -> None:
    """Nothing listens, as after a crash that systemd gave up on."""
    shell("systemctl stop archive-web.socket archive-web.service")
    for path, words in (("/lists/secret-token/", "out of service"), ("/es/", "fuera de servicio")):
        status, headers, body = fetch(path)
        good = status == 503 and headers.get("retry-after") and headers.get("cache-control") == "no-store"
        report(f"without gunicorn {path} is the page “{words}”", bool(good) and words in body.decode(), status)
    told = shell("cat /var/log/nginx/archive.error.log").stdout
    report("nginx's log holds no secret address", "secret-token" not in told)
    shell("systemctl start archive-web.socket archive-web.service")


def check_logs() -> None:
    """Rotation, and the timers of a machine without systemd."""
    shell("install -d -m 0750 /var/log/archive && echo line > /var/log/archive/web.log")
    done = shell("logrotate --force /srv/archive/current/deploy/logrotate")
    rotated = Path("/var/log/archive/web.log.1").exists()
    report("logrotate", done.returncode == 0 and rotated, done.stderr.strip())
    for line in Path("/srv/archive/current/deploy/cron").read_text().splitlines():
        if "archive-manage" in line:
            command = line.split("root", 1)[1].strip()
            done = shell(f"env -i PATH={ENVIRONMENT['PATH']} sh -c '{command}'")
            report(f"cron's {command}", done.returncode == 0, done.stderr.strip())


def check_book() -> None:
    """A book comes out of the unit, with all that it forbids."""
    script = (
        "from abstracts.models import Meeting; from abstracts.visibility import ANONYMOUS;"
        "print(Meeting.objects.visible_to(ANONYMOUS).first().slug)"
    )
    slug = shell(f"archive-manage shell --no-imports -c '{script}'").stdout.split()[-1]
    for _ in range(120):
        if fetch(f"/download/{slug}/book.pdf")[0] == 200:
            break
        time.sleep(1)
    status = fetch(f"/download/{slug}/book.pdf")[0]
    report("a book is made by its service", status == 200, (slug, status))


class Visitors:
    """Ask for pages all the time, and remember what came."""

    def __init__(self):
        shown, _, _ = figures()
        _, _, home = fetch("/")
        style = re.search(r'href="(/static/[^"]+\.css)"', home.decode())
        assert style
        self.paths = ["/", "/meetings/", "/search/?q=arthritis", shown, style[1], "/es/", "/accounts/login/"]
        self.answers: list[tuple[float, str, int, dict[str, str]]] = []
        self.going = True
        self.threads = [threading.Thread(target=self.visit, args=(number,)) for number in range(4)]
        for thread in self.threads:
            thread.start()

    def visit(self, number: int) -> None:
        while self.going:
            path = self.paths[number % len(self.paths)]
            number += 1
            status, headers, _ = fetch(path)
            self.answers.append((time.monotonic(), path, status, headers))
            time.sleep(0.05)

    def leave(self) -> list[tuple[float, str, int, dict[str, str]]]:
        self.going = False
        for thread in self.threads:
            thread.join()
        return self.answers


def rehearse_upgrades() -> None:
    lines = steps_of("docs/operations.md", "## Upgrade")
    *forward, back = lines
    phases = [
        ("to a release with a migration", "second", forward),
        ("to a release without one", "third", forward),
        ("back from it", "", [back]),
        ("back over the migration", "", [back]),
    ]
    for name, version, commands in phases:
        visitors = Visitors()
        time.sleep(2)
        for line in commands:
            step(line, VERSION=version)
        time.sleep(2)
        answers = visitors.leave()
        counts = Counter(status for _, _, status, _ in answers)
        others = [(path, status) for _, path, status, _ in answers if status not in (200, 503)]
        detail = f"{len(others)} of {dict(counts)} {others[:5]}"
        report(f"{name}: answers that are neither 200 nor 503", not others, detail)
        stopped = [(at, headers) for at, _, status, headers in answers if status == 503]
        if stopped:
            good = all(h.get("retry-after") and h.get("cache-control") == "no-store" for _, h in stopped)
            report(f"{name}: each 503 says Retry-After and no-store", good)
            say(f"      out of service for {stopped[-1][0] - stopped[0][0]:.1f} s")
        if "without" in name:
            report(f"{name}: nobody notices", not stopped, f"{len(stopped)} answers of 503")
        check_pages(name)
        say("      current:", os.readlink("/srv/archive/current"))
    done = shell("archive-manage showmigrations abstracts | grep rehearsal")
    report("the migration is undone", "[X]" not in done.stdout, done.stdout.strip())
    say(step("archive-manage doctor"))


if __name__ == "__main__":
    sys.exit(main())
