"""One router a resource; `ops/api/app.py` lists them."""
