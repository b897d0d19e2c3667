"""E-mails about new results of saved searches.

noticing  what the public sees now and did not see when this was last asked
finding   which of it is new to which search: recorded before anything is mailed
mailing   mails it, each result once
running   one run of all that
"""
