"""Prints the products: python show.py"""

import sqlite3

if __name__ == "__main__":
    for row in sqlite3.connect("products.db").execute("SELECT * FROM products"):
        print(*row, sep="\t")
