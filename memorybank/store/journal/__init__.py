"""Operations: committed through the one door, logged, recovered, undone, shown."""
