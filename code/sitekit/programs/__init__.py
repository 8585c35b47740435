"""A program for each block: one file that runs by itself and prints what the page prints."""
