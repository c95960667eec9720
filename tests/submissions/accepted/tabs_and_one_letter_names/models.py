from sqlalchemy import Column as C, Integer, Numeric, String
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Product(Base):
	__tablename__ = "products"
	id = C(Integer, primary_key=True); name = C(String, nullable=False); price = C(Numeric(10, 2), nullable=False)
