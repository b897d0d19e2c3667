"""Receivers of the accounts application."""
