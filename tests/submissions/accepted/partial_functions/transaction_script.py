import sys
from decimal import Decimal
from functools import partial

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def _run(work, end, engine, *args):
    """Do ``work`` in a session of its own and ``end`` it with commit or rollback."""
    with Session(engine) as session:
        try:
            result = work(session, *args)
            end(session)
        except BaseException:
            session.rollback()
            raise
        return result


def _insert(session, products):
    rows = list(map(lambda product: Product(**product), products))
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _reload(session, product_id, change_elsewhere):
    product = session.get(Product, product_id)
    price = partial(getattr, product, "price")
    forget = session.expire_all
    loaded = price()
    change_elsewhere()
    stale = price()
    forget()
    after_expire_all = price()
    change_elsewhere()
    session.refresh(product)
    return dict(loaded=loaded, stale=stale, after_expire_all=after_expire_all, after_refresh=price())


add_products = partial(_run, _insert, Session.commit)
preview_ids = partial(_run, _insert, Session.rollback)
show_reloading = partial(_run, _reload, Session.rollback)


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Soap", "price": Decimal("1.79")}, {"name": "Towel", "price": Decimal("12.00")}])
    print(ids)
    try:
        add_products(engine, [{"name": "Sponge", "price": Decimal("0.99")}, {"name": "Comb", "price": Decimal("2.00"), "id": ids[0]}])
    except Exception as e:
        print("rolled back", type(e))

    def change(amount=Decimal("0.20")):
        with Session(engine) as s, s.begin():
            s.get(Product, ids[0]).price += amount

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
