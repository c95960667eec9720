"""Re-exported so that the model is where it is expected."""

from shop.tables import Base, Product

__all__ = ["Base", "Product"]
