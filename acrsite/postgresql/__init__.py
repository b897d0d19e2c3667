"""Django's PostgreSQL backend, which notices a server that hangs (see `base`)."""
