# Tarea del capítulo 10 - sesiones y transacciones
import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    # una sola transacción: o entran todos o no entra ninguno
    with Session(engine) as sesion:
        with sesion.begin():
            nuevos = [Product(**datos) for datos in products]
            sesion.add_all(nuevos)
            sesion.flush()
            ids = [producto.id for producto in nuevos]
    return ids


def preview_ids(engine, products):
    # flush pide los ids; al cerrar la sesión se deshace todo
    with Session(engine) as sesion:
        nuevos = [Product(**datos) for datos in products]
        sesion.add_all(nuevos)
        sesion.flush()
        return [producto.id for producto in nuevos]


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as sesion:
        producto = sesion.get(Product, product_id)
        cargado = producto.price
        change_elsewhere()
        viejo = producto.price
        sesion.expire_all()
        nuevo = producto.price
        change_elsewhere()
        sesion.refresh(producto)
        ultimo = producto.price
    return {"loaded": cargado, "stale": viejo, "after_expire_all": nuevo, "after_refresh": ultimo}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [
        {"name": "Jamón", "price": Decimal("12.75")},
        {"name": "Piñata", "price": Decimal("23.40")},
    ])
    print("añadidos:", ids)
    try:
        add_products(engine, [
            {"name": "Queso", "price": Decimal("8.15")},
            {"id": ids[1], "name": "Azúcar", "price": Decimal("1.30")},
        ])
    except Exception as error:
        print("no se guardó nada:", type(error).__name__)
    precios = [Decimal("12.50"), Decimal("12.25")]

    def cambiar():
        with Session(engine) as otra:
            otra.get(Product, ids[0]).price = precios.pop(0)
            otra.commit()

    print(show_reloading(engine, ids[0], cambiar))


if __name__ == "__main__":
    main(*sys.argv[1:2])
