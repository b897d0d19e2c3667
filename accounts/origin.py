"""Whether a request that changes something came from a page of this site: the archive's own check."""

from abstracts.origin import is_same_origin, same_origin_only

__all__ = ["is_same_origin", "same_origin_only"]
