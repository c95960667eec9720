from sqlalchemy import*
from sqlalchemy.orm import*
class Base(DeclarativeBase):0
class Product(Base):__tablename__="products";id=Column(Integer,primary_key=1);name=Column(Text,nullable=0);price=Column(Numeric(10,2),nullable=0)
