"""The rules of `bank check`, grouped by what they check."""
