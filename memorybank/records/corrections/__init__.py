"""What a correction is, where it is kept, and how much it weighs."""
