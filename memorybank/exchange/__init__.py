"""What comes in from other programs' files and goes out to them."""
