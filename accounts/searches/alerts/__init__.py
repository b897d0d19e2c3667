"""E-mails about new results of saved searches.

noticing  what the public sees now and did not see when this was last asked
finding   which of it is new to which search: written down before anybody is told
mailing   tells it, each result once
"""
