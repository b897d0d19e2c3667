"""Text, identifiers, names and addresses. Imports no other package of the project."""
