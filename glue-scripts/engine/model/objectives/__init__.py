"""What models predict, one file per objective; `engine/model/records.py` lists them."""
