"""Operations: written by `commit`, logged, recovered after a crash, undone, listed."""
