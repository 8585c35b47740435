"""The commands of `python -m unrolled`, one a module."""
