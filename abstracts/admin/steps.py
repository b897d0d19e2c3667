"""The steps of embargo tiers in words."""

from ..models import EmbargoStep


def in_words(step: EmbargoStep) -> str:
    """“Title: 30 minutes after when its session starts”."""
    rule = step.get_rule_display()
    rule = rule[0].lower() + rule[1:]
    if step.rule == EmbargoStep.Rule.FIXED:
        rule = f"{step.date:%b} {step.date.day}, {step.date.year}, {step.time:%H:%M}"
    elif step.rule in step.TIMED:
        rule = rule.replace("at this time", f"at {step.time:%H:%M}")
    if step.minutes:
        rule = f"{abs(step.minutes)} minutes {'after' if step.minutes > 0 else 'before'}: {rule}"
    zone = f" ({step.timezone})" if step.timezone else ""
    return f"{step.get_shows_display()}: {rule}{zone}"
