"""Pages of favorites and accounts."""
