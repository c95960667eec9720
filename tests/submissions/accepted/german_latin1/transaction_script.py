# -*- coding: latin-1 -*-
"""Übungsblatt 10: Sitzungen und Transaktionen."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product


def add_products(engine, products):
    """Fügt alle Artikel in einer Transaktion ein (alles oder nichts)."""
    Sitzung = sessionmaker(bind=engine)
    sitzung = Sitzung()
    try:
        artikel = [Product(**p) for p in products]
        sitzung.add_all(artikel)
        sitzung.flush()
        schlüssel = [a.id for a in artikel]
        sitzung.commit()
        return schlüssel
    except Exception:
        sitzung.rollback()  # alles rückgängig machen
        raise
    finally:
        sitzung.close()


def preview_ids(engine, products):
    """Welche Schlüssel würde die Datenbank jetzt vergeben?"""
    sitzung = sessionmaker(bind=engine)()
    try:
        artikel = [Product(**p) for p in products]
        sitzung.add_all(artikel)
        sitzung.flush()
        return [a.id for a in artikel]
    finally:
        sitzung.rollback()
        sitzung.close()


def show_reloading(engine, product_id, change_elsewhere):
    """Zeigt, wann die Sitzung den Preis neu lädt."""
    sitzung = sessionmaker(bind=engine)()
    try:
        artikel = sitzung.get(Product, product_id)
        geladen = artikel.price
        change_elsewhere()
        veraltet = artikel.price
        sitzung.expire_all()
        nach_verfall = artikel.price
        change_elsewhere()
        sitzung.refresh(artikel)
        return {
            "loaded": geladen,
            "stale": veraltet,
            "after_expire_all": nach_verfall,
            "after_refresh": artikel.price,
        }
    finally:
        sitzung.close()


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    schlüssel = add_products(engine, [
        {"name": "Brötchen", "price": Decimal("0.45")},
        {"name": "Käsekuchen", "price": Decimal("2.80")},
    ])
    print("Eingefügt:", schlüssel)
    try:
        add_products(engine, [
            {"name": "Müsli", "price": Decimal("4.20")},
            {"name": "Öl", "price": Decimal("6.99"), "id": schlüssel[0]},
        ])
    except Exception as fehler:
        print("Zurückgerollt:", type(fehler).__name__)
    preise = [Decimal("0.50"), Decimal("0.55")]

    def anderswo():
        zweite = sessionmaker(bind=engine)()
        zweite.get(Product, schlüssel[0]).price = preise.pop(0)
        zweite.commit()
        zweite.close()

    print("Neu laden:", show_reloading(engine, schlüssel[0], anderswo))


if __name__ == "__main__":
    main(*sys.argv[1:2])
