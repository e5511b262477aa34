"""Models in memory: learned from an Arrow table, written as data, scored without the library that learned them."""
