from .inserting import add_products, preview_ids
from .reloading import show_reloading

__all__ = ["add_products", "preview_ids", "show_reloading"]
