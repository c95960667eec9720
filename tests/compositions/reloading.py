"""How ``show_reloading`` loads, reads, expires, refreshes and returns."""

from __future__ import annotations

from dataclasses import dataclass

from .fragment import Fragment


@dataclass(frozen=True)
class Steps(Fragment):
    """The whole demonstration: ``$load``, and what is read (``$price``), expired (``$expire``) and refreshed."""


LOADS = (
    Fragment("get", "product = session.get(Product, product_id)"),
    Fragment("get_one", "product = session.get_one(Product, product_id)"),
    Fragment("scalar_one", "product = session.execute(select(Product).where(Product.id == product_id)).scalar_one()"),
    Fragment("scalars_one", "product = session.scalars(select(Product).filter_by(id=product_id)).one()"),
    Fragment("scalar", "product = session.scalar(select(Product).where(Product.id == product_id))"),
    Fragment("unpacked", "(product,) = session.scalars(select(Product).where(Product.id.in_([product_id])))"),
    Fragment("query_first", "product = session.query(Product).filter_by(id=product_id).first()"),
    Fragment("query_get", "product = session.query(Product).filter(Product.id == product_id).one()"),
    Fragment("dict_of_all", "product = {row.id: row for row in session.scalars(select(Product))}[product_id]"),
    Fragment("identity_options", 'product = session.get(Product, {"id": product_id})'),
    Fragment("get_populating", "product = session.get(Product, product_id, populate_existing=True)"),
)

PRICES = ("product.price", 'getattr(product, "price")', 'attrgetter("price")(product)', "float(product.price)")

EXPIRES = (
    "session.expire_all()",
    "object_session(product).expire_all()",
    "forget = session.expire_all\nforget()",
    "assert product in session\nsession.expire_all()",
)

REFRESHES = (
    "session.refresh(product)",
    'session.refresh(product, attribute_names=["price"])',
    "session.refresh(product, with_for_update=True)",
    "object_session(product).refresh(instance=product)",
    "session.refresh(session.get(Product, product_id))",
)
COLUMN_REFRESH = REFRESHES[1]
"""Needs the attribute ``price`` to be the column."""

STEPS = (
    Steps(
        "variables",
        """
        $load
        loaded = $price
        change_elsewhere()
        stale = $price
        $expire
        after_expire_all = $price
        change_elsewhere()
        $refresh
        after_refresh = $price
        prices = {
            "loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh,
        }
        """,
    ),
    Steps(
        "dict_filled",
        """
        $load
        prices = {}
        prices["loaded"] = $price
        change_elsewhere()
        prices["stale"] = $price
        $expire
        prices["after_expire_all"] = $price
        change_elsewhere()
        $refresh
        prices["after_refresh"] = $price
        """,
    ),
    Steps(
        "zipped",
        """
        $load
        seen = [$price]
        change_elsewhere()
        seen.append($price)
        $expire
        seen.append($price)
        change_elsewhere()
        $refresh
        seen.append($price)
        prices = dict(zip(("loaded", "stale", "after_expire_all", "after_refresh"), seen))
        """,
    ),
    Steps(
        "price_function",
        """
        $load

        def price():
            return $price

        prices = dict(loaded=price())
        change_elsewhere()
        prices.update(stale=price())
        $expire
        prices.update(after_expire_all=price())
        change_elsewhere()
        $refresh
        prices |= {"after_refresh": price()}
        """,
    ),
    Steps(
        "loop_over_actions",
        """
        $load

        def expire():
            $expire

        def change_and_refresh():
            change_elsewhere()
            $refresh

        prices = {"loaded": $price}
        actions = {"stale": change_elsewhere, "after_expire_all": expire, "after_refresh": change_and_refresh}
        for key, action in actions.items():
            action()
            prices[key] = $price
        """,
    ),
    Steps(
        "generator",
        """
        $load

        def stages():
            yield "loaded", $price
            change_elsewhere()
            yield "stale", $price
            $expire
            yield "after_expire_all", $price
            change_elsewhere()
            $refresh
            yield "after_refresh", $price

        prices = dict(stages())
        """,
    ),
    Steps(
        "printed_and_asserted",
        """
        $load
        loaded = $price
        print("loaded", loaded)
        change_elsewhere()
        stale = $price
        assert stale == loaded
        $expire
        after_expire_all = $price
        assert after_expire_all != stale
        change_elsewhere()
        $refresh
        prices = {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": $price}
        print(prices)
        """,
    ),
    Steps(
        "dataclass",
        """
        $load
        seen = Seen(loaded=$price)
        change_elsewhere()
        seen.stale = $price
        $expire
        seen.after_expire_all = $price
        change_elsewhere()
        $refresh
        seen.after_refresh = $price
        prices = asdict(seen)
        """,
        helper="""
        @dataclass
        class Seen:
            loaded: object = None
            stale: object = None
            after_expire_all: object = None
            after_refresh: object = None
        """,
    ),
)

IMPORTS = """
from dataclasses import asdict, dataclass
from operator import attrgetter
from sqlalchemy import func, select, update
from sqlalchemy.orm import object_session
"""
