"""Import and export of Module 71 trees."""
