"""Numbers with what they count, in English, for staff."""


def counted(number: int, noun: str) -> str:
    """“1 abstract”, “1,204 abstracts”."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
