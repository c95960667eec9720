"""Exercice du chapitre 10, rendu par Nadia."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from models import Base, Product


def verifier(engine, products):
    with Session(engine) as session:
        for p in products:
            if p.get("name") is None or p.get("price") is None:
                raise ValueError(f"produit incomplet : {p}")
            if p.get("id") is not None and session.get(Product, p["id"]) is not None:
                raise ValueError(f"numéro déjà pris : {p['id']}")


def ajouter(engine, p):
    with Session(engine) as session, session.begin():
        produit = Product(**p)
        session.add(produit)
        session.flush()
        return produit.id


def add_products(engine, products):
    """Tout ou rien, parce que tout est vérifié avant."""
    verifier(engine, products)
    return [ajouter(engine, p) for p in products]


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
        session.expire_all()
        resultat["after_expire_all"] = produit.price
        change_elsewhere()
        session.refresh(produit)
        resultat["after_refresh"] = produit.price
    return resultat


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    add_products(engine, [
        {"name": "Lunch box", "price": Decimal("9.95")},
        {"name": "Orange", "price": Decimal("0.55")},
    ])
    with Session(engine) as session:
        dernier = session.scalar(select(func.max(Product.id)))
    print("dernier numéro :", dernier)
    try:
        add_products(engine, [
            {"name": "Raspberry jam", "price": Decimal("4.15")},
            {"name": "USB cable", "price": Decimal("5.99"), "id": dernier},
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
