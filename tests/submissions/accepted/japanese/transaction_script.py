"""セッション管理とトランザクションの課題"""

import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    """全部を追加するか、何も追加しないか。"""
    with Session(engine) as セッション, セッション.begin():
        商品一覧 = [Product(**項目) for 項目 in products]
        セッション.add_all(商品一覧)
        セッション.flush()
        return [商品.id for 商品 in 商品一覧]


def preview_ids(engine, products):
    """保存せずに、次のIDを調べる。"""
    with Session(engine) as セッション:
        商品一覧 = [Product(**項目) for 項目 in products]
        セッション.add_all(商品一覧)
        セッション.flush()
        番号 = [商品.id for 商品 in 商品一覧]
        セッション.rollback()
        return 番号


def show_reloading(engine, product_id, change_elsewhere):
    """再読み込みを見せる。"""
    with Session(engine) as セッション:
        商品 = セッション.get(Product, product_id)
        最初 = 商品.price
        change_elsewhere()
        古い = 商品.price  # まだ古い価格
        セッション.expire_all()
        期限切れ後 = 商品.price  # 新しい価格
        change_elsewhere()
        セッション.refresh(商品)
        return {"loaded": 最初, "stale": 古い, "after_expire_all": 期限切れ後, "after_refresh": 商品.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    番号 = add_products(engine, [{"name": "お茶", "price": Decimal("150")}, {"name": "寿司", "price": Decimal("1280.50")}])
    print("追加しました:", 番号)
    try:
        add_products(engine, [{"name": "味噌", "price": Decimal("420")}, {"name": "醤油", "price": Decimal("380"), "id": 番号[0]}])
    except Exception as 例外:
        print("ロールバックしました:", type(例外).__name__)
    新価格 = iter([Decimal("160"), Decimal("170")])

    def 別の場所():
        with Session(engine) as 別:
            別.get(Product, 番号[0]).price = next(新価格)
            別.commit()

    print(show_reloading(engine, 番号[0], 別の場所))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main(*sys.argv[1:2])
