# -*- coding: latin-1 -*-
"""Das Modell für die Übung."""

from sqlalchemy import Column, Integer, Numeric, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Product(Base):
    """Ein Artikel, z. B. ein Brötchen zu 0,45 (Währung: Euro)."""

    __tablename__ = "products"

    id = Column(Integer, primary_key=True)  # Schlüssel, vergibt die Datenbank
    name = Column(String(80), nullable=False)
    price = Column(Numeric(10, 2), nullable=False)
