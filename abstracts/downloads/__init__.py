"""Books of whole meetings, made outside of requests, once for each state of what the public may see.

`shelf` says what may be served now; `making` makes it. Only the public's book exists: staff and press get the same.
"""
