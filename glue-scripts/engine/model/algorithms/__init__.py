"""How models learn, one file each; `engine/model/records.py` lists them."""
