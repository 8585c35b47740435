"""Where the chapters' data come from: made on the spot, taken from Python itself, or downloaded."""
