from models import Base, Product


def add_products(engine, products):
    return []


def preview_ids(engine, products):
    return []


def show_reloading(engine, product_id, change_elsewhere):
    return {"loaded": 0, "stale": 0, "after_expire_all": 0, "after_refresh": 0}


def main(database_url="sqlite:///products.db"):
    pass


if __name__ == "__main__":
    main()
