import sys
from decimal import Decimal as D
from sqlalchemy import create_engine
from sqlalchemy.orm import Session as S
from models import Base as B, Product as P
def f(s, l):
	o = [P(**d) for d in l]
	s.add_all(o); s.flush()
	return [x.id for x in o]
def add_products(e, l):
	with S(e) as s, s.begin(): return f(s, l)
def preview_ids(e, l):
	with S(e) as s: return f(s, l)
def show_reloading(e, i, c):
	with S(e) as s:
		p = s.get(P, i); r = [p.price]
		c(); r += [p.price]
		s.expire_all(); r += [p.price]
		c(); s.refresh(p); r += [p.price]
		return dict(zip("loaded stale after_expire_all after_refresh".split(), r))
def main(database_url="sqlite:///products.db"):
	e = create_engine(database_url); B.metadata.create_all(e)
	a, b = add_products(e, [{"name": "x", "price": D("1.5")}, {"name": "y", "price": D(2)}])
	try: add_products(e, [{"name": "z", "price": D(3)}, {"name": "w", "price": D(4), "id": a}])
	except Exception as x: print(x)
	def c():
		with S(e) as s, s.begin(): s.get(P, b).price += 1
	print(show_reloading(e, b, c))
if __name__ == "__main__": main(*sys.argv[1:])
