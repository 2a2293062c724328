"""The Python face: one class, `Bank`, which every other face calls."""
