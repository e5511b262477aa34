"""Looks at a file and prints what a source would say of it, as JSON: `discover.py --format csv|json|parquet|text FILE`.

{format, delimiter, options, columns: [{name, header, type, nullable, holds, note}], rows, notes: [text]}. Packed files are read as a
run reads them.
Of a csv at most a million records are looked at; nothing is written. Exit status 1 with one line on stderr where it cannot be read.
"""

import argparse
import json
import sys

import pyarrow as pa

from discovery.csv_records import look_at_csv, look_at_txt
from discovery.json_lines import look_at_json
from discovery.parquet_file import look_at_parquet
from discovery.text_lines import look_at_text
from engine.faults import Fault


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Propose what a source has to say of a file.")
    parser.add_argument("--format", required=True, choices=["csv", "txt", "json", "parquet", "text"])
    parser.add_argument("file")
    arguments = parser.parse_args(argv)
    looks = {
        **{"csv": look_at_csv, "txt": look_at_txt, "json": look_at_json, "parquet": look_at_parquet},
        "text": look_at_text,
    }
    try:
        print(json.dumps(looks[arguments.format](arguments.file)))
    except Fault as fault:
        print(f"{fault.message}; {fault.hint}", file=sys.stderr)
        return 1
    except pa.ArrowInvalid as failure:
        print(f"it is not {arguments.format}: {str(failure).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
