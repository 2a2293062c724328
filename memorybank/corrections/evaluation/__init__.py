"""What corrections are worth, in figures: do they survive in a small context, and does the detector find them."""
