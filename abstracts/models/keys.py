"""Public keys of rows: random, so that they count nothing. Primary keys would count hidden rows, and stay inside."""

from typing import Any

from django.db import models
from django.utils.deconstruct import deconstructible

from .base import new_token

KEY = "[0-9a-f]{16}"


@deconstructible(path="abstracts.models.keys.RandomKey")
class RandomKey(models.Func):
    """A new key, made by the database: for all rows that are there when the column comes, and for those that code of
    before writes during an upgrade."""

    arity = 0
    template = "lower(hex(randomblob(8)))"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        # (md5 only makes digits of it; all of its randomness is that of the UUID.)
        return self.as_sql(compiler, connection, template="left(md5(gen_random_uuid()::text), 16)", **context)


class KeyField(models.CharField):
    """A row's public key: sixteen hexadecimal digits."""

    def __init__(self, **options: Any):
        defaults: dict[str, Any] = {"max_length": 16, "unique": True, "editable": False}
        super().__init__(**defaults | {"default": new_token, "db_default": RandomKey()} | options)
