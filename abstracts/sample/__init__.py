"""Invented meetings for trying the archive out: the same every time, from a fixed seed.

`study` makes up what an abstract says, `people` who wrote it, `charts` its figures, `programme` the meetings it
is presented at; none of them touches the database. `writing` stores them, `users` makes the demo sign-ins.
All words are in the TOML files beside.
"""
