"""The left side of the border: runs student code and writes down what happens. It knows no point."""
