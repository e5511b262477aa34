"""What models predict, one file each; `engine/model/records.py` lists them."""
