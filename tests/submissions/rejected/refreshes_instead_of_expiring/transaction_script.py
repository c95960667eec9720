"""Exercice du chapitre 10, rendu par Rania."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    """Tout ou rien."""
    with Session(engine) as session:
        try:
            produits = [Product(**p) for p in products]
            session.add_all(produits)
            session.flush()
            numeros = [produit.id for produit in produits]
            session.commit()
        except Exception:
            session.rollback()  # on annule tout
            raise
    return numeros


def preview_ids(engine, products):
    """Les numéros que la base donnerait."""
    with Session(engine) as session:
        produits = [Product(**p) for p in products]
        session.add_all(produits)
        session.flush()
        numeros = [produit.id for produit in produits]
        session.rollback()
    return numeros


def show_reloading(engine, product_id, change_elsewhere):
    """Le prix avant et après rechargement."""
    with Session(engine) as session:
        produit = session.get(Product, product_id)
        resultat = {"loaded": produit.price}
        change_elsewhere()
        resultat["stale"] = produit.price  # encore l'ancien prix
        session.refresh(produit)
        resultat["after_expire_all"] = produit.price
        change_elsewhere()
        session.refresh(produit)
        resultat["after_refresh"] = produit.price
    return resultat


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    add_products(engine, [
        {"name": "Teapot", "price": Decimal("22.40")},
        {"name": "Water bottle", "price": Decimal("13.70")},
    ])
    with Session(engine) as session:
        dernier = session.scalar(select(func.max(Product.id)))
    print("dernier numéro :", dernier)
    try:
        add_products(engine, [
            {"name": "Zip bag", "price": Decimal("0.89")},
            {"name": "Coffee beans", "price": Decimal("8.49"), "id": dernier},
        ])
    except Exception as erreur:
        print("rien n'a été ajouté :", type(erreur).__name__)
    prix = [Decimal("7.10"), Decimal("7.20")]

    def changer():
        with Session(engine) as autre:
            autre.get(Product, dernier).price = prix.pop(0)
            autre.commit()

    print("rechargement :", show_reloading(engine, dernier, changer))


if __name__ == "__main__":
    main(*sys.argv[1:2])
