"""Transacciones: todo o nada."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import sessionmaker

from models import Base, Producto


def add_products(motor, productos):
    """Guarda todos los productos en una sola transacción."""
    sesión = sessionmaker(motor)()
    try:
        nuevos = [Producto(**datos) for datos in productos]
        sesión.add_all(nuevos)
        sesión.commit()
        identificadores = [nuevo.id for nuevo in nuevos]
    except Exception:
        # algo salió mal: se deshace todo y el que llamó se entera
        sesión.rollback()
        raise
    finally:
        sesión.close()
    return identificadores


def preview_ids(motor, productos):
    """Dice qué números daría la base de datos, sin guardar nada."""
    with sessionmaker(motor)() as sesión:
        nuevos = [Producto(**datos) for datos in productos]
        sesión.add_all(nuevos)
        sesión.flush()
        identificadores = [nuevo.id for nuevo in nuevos]
        sesión.rollback()
    return identificadores


def show_reloading(motor, número, cambiar_fuera):
    """Muestra cuatro veces el precio del mismo objeto."""
    with sessionmaker(motor)() as sesión:
        producto = sesión.get(Producto, número)
        cargado = producto.price
        cambiar_fuera()
        viejo = producto.price              # todavía el precio de antes
        sesión.expire_all()
        tras_expirar = producto.price
        cambiar_fuera()
        sesión.refresh(producto)
        tras_refrescar = producto.price
    return {
        "loaded": cargado,
        "stale": viejo,
        "after_expire_all": tras_expirar,
        "after_refresh": tras_refrescar,
    }


def main(url="sqlite:///products.db"):
    motor = create_engine(url)
    Base.metadata.create_all(motor)

    años = [{"name": "Vino añejo", "price": Decimal("23.45")}, {"name": "Piñón", "price": Decimal("4.56")}]
    números = add_products(motor, años)
    print(f"Guardados: {números}")

    try:
        add_products(motor, [
            {"name": "Jamón", "price": Decimal("78.90")},
            {"name": "Pingüino", "price": Decimal("12.34"), "id": números[0]},
        ])
    except IntegrityError as error:
        print(f"¡Error! No se guardó nada: {error.orig}")

    def cambiar_fuera():
        with sessionmaker(motor).begin() as otra:
            otra.get(Producto, números[1]).price += Decimal("0.10")

    for momento, precio in show_reloading(motor, números[1], cambiar_fuera).items():
        print(f"{momento:·<20} {precio} €")

    with sessionmaker(motor)() as sesión:
        print("En total:", sesión.scalar(select(func.count(Producto.id))))


if __name__ == "__main__":
    main(*sys.argv[1:2])
