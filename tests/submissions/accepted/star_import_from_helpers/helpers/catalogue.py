from . import work

_NAMES = {"add_products": "add", "preview_ids": "preview", "show_reloading": "reload"}
__all__ = list(_NAMES)

for _name, _function in _NAMES.items():
    vars()[_name] = getattr(work, _function)
