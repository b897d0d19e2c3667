"""Text and addresses as every part of the archive handles them. Imports nothing of this project."""
