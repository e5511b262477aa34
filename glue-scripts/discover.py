"""Reads a file and prints a proposal for its source as JSON: `discover.py --formats csv,text FILE`.

{format, delimiter, options, columns: [{name, header, type, nullable, holds, note}], rows, notes: [text]}. Compressed files are
unpacked as in a run. Takes the first of the formats that fits the file, or the last. At most a million records of
a csv are read. Nothing is written. If the file cannot be read, the exit status is 1 with one line on stderr.
"""

import argparse
import json
import sys

import pyarrow as pa

from discovery.formats import look_at
from engine.faults import Fault


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Propose the definition of a source from a file.")
    parser.add_argument("--formats", required=True)
    parser.add_argument("file")
    arguments = parser.parse_args(argv)
    try:
        print(json.dumps(look_at(arguments.file, arguments.formats.split(","))))
    except Fault as fault:
        print(f"{fault.message}; {fault.hint}", file=sys.stderr)
        return 1
    except pa.ArrowInvalid as failure:
        print(f"the file is not valid {arguments.formats}: {str(failure).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
