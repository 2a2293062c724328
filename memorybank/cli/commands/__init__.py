"""The commands, one file for each or for a group, in folders named as the groups of `bank -h`."""
