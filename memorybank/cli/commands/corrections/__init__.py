"""The commands of `bank corrections`."""
