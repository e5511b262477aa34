"""How models learn, one file per algorithm; `engine/model/records.py` lists them."""
