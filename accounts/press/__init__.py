"""The record of what press and staff read ahead of release."""
