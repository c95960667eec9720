from .database import reading
from .tables import Product


def show_reloading(engine, product_id, change_elsewhere):
    with reading(engine) as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        expired = product.price
        change_elsewhere()
        session.refresh(product)
        refreshed = product.price
    return {"loaded": loaded, "stale": stale, "after_expire_all": expired, "after_refresh": refreshed}
