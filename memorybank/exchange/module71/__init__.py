"""The tree of Module 71, in and out."""
