# 会话与事务：要么全部成功，要么全部回滚
import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product as 商品


def 建立(会话, 清单):
    结果 = [商品(**一项) for 一项 in 清单]
    会话.add_all(结果)
    会话.flush()  # 执行 INSERT，数据库分配编号
    return 结果


def add_products(engine, products):
    with Session(engine) as 会话:
        with 会话.begin():
            return [新.id for 新 in 建立(会话, products)]


def preview_ids(engine, products):
    with Session(engine) as 会话:
        编号 = [新.id for 新 in 建立(会话, products)]
        会话.rollback()  # 什么都不保存
        return 编号


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as 会话:
        物 = 会话.execute(select(商品).where(商品.id == product_id)).scalar_one()
        初值 = 物.price
        change_elsewhere()
        旧值 = 物.price
        会话.expire_all()
        过期后 = 物.price
        change_elsewhere()
        会话.refresh(物)
        return {"loaded": 初值, "stale": 旧值, "after_expire_all": 过期后, "after_refresh": 物.price}


def main(database_url="sqlite:///products.db"):
    引擎 = create_engine(database_url)
    Base.metadata.create_all(引擎)
    编号 = add_products(引擎, [{"name": "毛笔", "price": Decimal("18.80")}, {"name": "宣纸", "price": Decimal("66.60")}])
    print("已添加：", 编号)
    try:
        add_products(引擎, [{"name": "墨", "price": Decimal("9.90")}, {"id": 编号[0], "name": "砚台", "price": Decimal("128.00")}])
    except IntegrityError:
        print("编号重复，全部回滚")

    def 别处修改():
        with Session(引擎) as 另一会话, 另一会话.begin():
            另一会话.get(商品, 编号[0]).price += Decimal("0.08")

    for 名, 价 in show_reloading(引擎, 编号[0], 别处修改).items():
        print(f"{名}：{价} 元")


if __name__ == "__main__":
    main(*sys.argv[1:2])
