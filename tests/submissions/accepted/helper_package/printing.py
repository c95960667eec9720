def added(ids):
    print("added", *ids)


def refused(error):
    print("refused:", type(error).__name__)


def reloading(prices):
    width = max(len(name) for name in prices)
    for name, price in prices.items():
        print(name.ljust(width), price)
