"""Saved searches, and the alerts that mail their new results."""
