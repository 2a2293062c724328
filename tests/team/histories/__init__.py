"""Random histories of several writers of one bank, merged, and an exact account of what became of each line.

`python -m tests.team.histories --count 500 --seed N` prints the table. Nothing here asks the merge under test what a
section, an item or a conflict is: each line has a token from its birth, and the account follows the tokens.
"""
