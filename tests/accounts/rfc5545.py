"""A strict reader of iCalendar files, written from RFC 5545 and independent of the library that wrote them."""

import datetime as dt
import re
from dataclasses import dataclass, field

CONTENT_LINE = re.compile(r'^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*):(.*)$', re.S)
DATE_TIME = re.compile(r"^\d{8}T\d{6}(Z?)$")
# How often a property may stand in an event (RFC 5545, 3.6.1): just once, or once at most.
JUST_ONCE = {"UID", "DTSTAMP"}
ONCE_AT_MOST = {
    "DTSTART", "CLASS", "CREATED", "DESCRIPTION", "GEO", "LAST-MODIFIED", "LOCATION", "ORGANIZER", "PRIORITY",
    "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "URL", "RECURRENCE-ID", "DTEND", "DURATION",
}  # fmt: skip


@dataclass
class Component:
    name: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    inner: list["Component"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        """The only value of a property, as it stands."""
        (value,) = [value for known, _, value in self.lines if known == name]
        return value

    def get(self, name: str) -> str | None:
        return self[name] if any(known == name for known, _, _ in self.lines) else None

    def text(self, name: str) -> str:
        """The value of a text property, unescaped."""
        value = self[name]
        assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), f"unescaped in {name}: {value}"
        assert not re.search(r"(?<!\\)(?:\\\\)*\\[^\\;,Nn]", value), f"escaped wrongly in {name}: {value}"
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)

    def instant(self, name: str) -> dt.datetime:
        """The value of a property that is a UTC date-time."""
        assert DATE_TIME.match(self[name]), self[name]
        assert self[name].endswith("Z"), self[name]
        return dt.datetime.strptime(self[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)


def read(content: bytes) -> Component:
    """The calendar in `content`. Whatever RFC 5545 forbids fails an assertion."""
    assert content.endswith(b"\r\n")
    folded = content[:-2].split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in folded), "a bare line break"
    assert max(len(line) for line in folded) <= 75, "a line longer than 75 octets"
    for line in folded:
        line.decode()  # no character is cut in two
    lines = re.sub(rb"\r\n[ \t]", b"", content[:-2]).decode().split("\r\n")
    root, open_ones = Component(""), []
    for line in lines:
        match = CONTENT_LINE.match(line)
        assert match, line
        name, parameters, value = match[1].upper(), match[2].lstrip(";"), match[3]
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value), f"a control character: {line!r}"
        if name == "BEGIN":
            component = Component(value)
            (open_ones[-1] if open_ones else root).inner.append(component)
            open_ones.append(component)
        elif name == "END":
            assert open_ones.pop().name == value
        else:
            open_ones[-1].lines.append((name, parameters, value))
    assert not open_ones
    (calendar,) = root.inner
    check_calendar(calendar)
    return calendar


def check_calendar(calendar: Component) -> None:
    assert calendar.name == "VCALENDAR"
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    assert calendar.inner, "a calendar without any component"
    for component in calendar.inner:
        assert component.name in ("VEVENT", "VTIMEZONE")
        if component.name == "VEVENT":
            check_event(component)
    uids = [event["UID"] for event in events(calendar)]
    assert len(set(uids)) == len(uids)


def check_event(event: Component) -> None:
    names = [name for name, _, _ in event.lines]
    for name in set(names):
        if name in JUST_ONCE | ONCE_AT_MOST:
            assert names.count(name) == 1, name
    assert set(names) >= JUST_ONCE | {"DTSTART"}
    assert event.instant("DTSTAMP")
    assert event.get("LAST-MODIFIED") is None or event.instant("LAST-MODIFIED")
    assert event.get("STATUS") in (None, "TENTATIVE", "CONFIRMED", "CANCELLED")
    assert 0 <= int(event.get("SEQUENCE") or 0) < 2**31
    assert not {"DTEND", "DURATION"} <= set(names)
    (parameters,) = [parameters for name, parameters, _ in event.lines if name == "DTSTART"]
    if parameters == "VALUE=DATE":
        assert dt.datetime.strptime(event["DTSTART"], "%Y%m%d")  # noqa: DTZ007  (a date)
    elif event.get("DTEND"):
        assert event.instant("DTEND") > event.instant("DTSTART"), "an event ends after it starts"
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        if event.get(name) is not None:
            event.text(name)


def events(calendar: Component) -> list[Component]:
    return [component for component in calendar.inner if component.name == "VEVENT"]
