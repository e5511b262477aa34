"""Looks at a file and prints what a source would say of it, as JSON: `discover.py --formats csv,text FILE`.

{format, delimiter, options, columns: [{name, header, type, nullable, holds, note}], rows, notes: [text]}. Packed files are read as a
run reads them. Of several formats it is the first that the file looks like, else the last.
Of a csv at most a million records are looked at; nothing is written. Exit status 1 with one line on stderr where it cannot be read.
"""

import argparse
import json
import sys

import pyarrow as pa

from discovery.formats import look_at
from engine.faults import Fault


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Propose what a source has to say of a file.")
    parser.add_argument("--formats", required=True)
    parser.add_argument("file")
    arguments = parser.parse_args(argv)
    try:
        print(json.dumps(look_at(arguments.file, arguments.formats.split(","))))
    except Fault as fault:
        print(f"{fault.message}; {fault.hint}", file=sys.stderr)
        return 1
    except pa.ArrowInvalid as failure:
        print(f"it is not {arguments.formats}: {str(failure).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
