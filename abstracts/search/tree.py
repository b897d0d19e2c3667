"""What somebody typed, as a tree."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

YEARS = re.compile(r"(?=.*\d)(?:(?P<only>\d{4})|(?P<first>\d{4})?(?:[-–:/]|\.\.)(?P<last>\d{4})?)")


@dataclass(frozen=True)
class Part:
    """A word or a phrase to look for in `field` ("": anywhere). `prefix`: words that begin with it."""

    text: str
    field: str = ""
    phrase: bool = False
    prefix: bool = False

    @property
    def is_plain(self) -> bool:
        return not (self.field or self.phrase or self.prefix)


@dataclass(frozen=True)
class All:
    """Matches what each of `operands` matches. `apart`: operators stand between them, so they are no name together."""

    operands: "tuple[Node, ...]"
    apart: bool = False


@dataclass(frozen=True)
class Either:
    """Matches what any of `operands` matches."""

    operands: "tuple[Node, ...]"


@dataclass(frozen=True)
class Without:
    """Matches what `operand` does not match."""

    operand: "Node"


Node = Part | All | Either | Without


def leaves(node: Node) -> Iterator[Part]:
    """The parts of `node` that results have to have: none of what is excluded."""
    if isinstance(node, Part):
        yield node
    elif isinstance(node, All | Either):
        for operand in node.operands:
            yield from leaves(operand)


def written(node: Node, inside: bool = False) -> str:
    """`node` as somebody would type it, with all its brackets."""
    if isinstance(node, Part):
        text = f'"{node.text}"' if node.phrase else f"{node.text}*" if node.prefix else node.text
        return f"{node.field}:{text}" if node.field else text
    if isinstance(node, Without):
        return f"NOT {written(node.operand, True)}"
    if isinstance(node, Either):
        text = " OR ".join(written(operand, True) for operand in node.operands)
    else:
        text = " AND ".join(written(operand, True) for operand in node.operands).replace("AND NOT ", "NOT ")
    return f"({text})" if inside else text


def all_of(nodes: Iterable[Node], apart: bool = False) -> Node | None:
    """Matches what each of `nodes` matches; None for none."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.operands if isinstance(node, All) and node.apart == apart else [node]
    return All(tuple(flat), apart) if len(flat) > 1 else flat[0] if flat else None


def either_of(nodes: Iterable[Node]) -> Node | None:
    """Matches what any of `nodes` matches; None for none."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.operands if isinstance(node, Either) else [node]
    return Either(tuple(flat)) if len(flat) > 1 else flat[0] if flat else None


def with_field(node: Node | None, field: str):
    """`node` with `field` for all that has none."""
    if not field or node is None:
        return node
    if isinstance(node, Part):
        return replace(node, field=node.field or field)
    if isinstance(node, Without):
        return Without(with_field(node.operand, field))
    return replace(node, operands=tuple(with_field(operand, field) for operand in node.operands))
