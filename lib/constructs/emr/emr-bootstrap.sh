#!/bin/bash
# Runs on every node of a cluster as it starts: the engine's Python packages, from the archive that $1 names, for Python 3.11.
set -euo pipefail
archive=$(mktemp --suffix=.zip)
aws s3 cp "$1" "$archive" --only-show-errors
site=$(python3.11 -c 'import site; print(site.getsitepackages()[0])')
sudo mkdir -p "$site"
sudo python3.11 -m zipfile -e "$archive" "$site"
rm "$archive"
# Not delta: it imports pyspark, which EMR puts there after this.
python3.11 -c 'import matplotlib, numpy, orjson, pandas, pyarrow, xgboost'
