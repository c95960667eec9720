import sys
from decimal import Decimal as D
from sqlalchemy import create_engine as E
from sqlalchemy.orm import Session as S
from models import Base,Product as P
def add_products(e,p):
 with S(e)as s,s.begin():return s.add_all(r:=[P(**x)for x in p])or s.flush()or[x.id for x in r]
def preview_ids(e,p):
 with S(e)as s:return s.add_all(r:=[P(**x)for x in p])or s.flush()or[x.id for x in r]
def show_reloading(e,i,c):
 with S(e)as s:return dict(loaded=(p:=s.get(P,i)).price,stale=c()or p.price,after_expire_all=s.expire_all()or p.price,after_refresh=c()or s.refresh(p)or p.price)
def main(u="sqlite:///products.db"):
 Base.metadata.create_all(e:=E(u));print(i:=add_products(e,[dict(name=n,price=D(p))for n,p in[("Tee","0.25"),("Ball","1.75")]]))
 try:add_products(e,[dict(name="Club",price=D(30)),dict(name="Cart",price=D(900),id=i[0])])
 except Exception as x:print(x)
 def c():
  with S(e)as s,s.begin():s.get(P,i[0]).price+=1
 print(show_reloading(e,i[0],c))
__name__=="__main__"and main(*sys.argv[1:])
