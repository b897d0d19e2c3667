"""Invented meetings for trying the archive out.

`meetings.toml` says when the meetings are and what is under which embargo. The JSON Lines (docs/import.md) and
`figures` hold what is presented, one file a meeting. `loading` gives both to the importer, around the day of loading;
`users` makes the demo sign-ins.
"""
