"""Downloads the listed jars into Spark's jar folder: `fetch_jars.py --list spark-jars.txt [--into FOLDER] [--from ADDRESS]`.

A jar is kept only if its SHA-256 is the listed one. A run then needs no download. A listed jar that is already there is not fetched
again. Uses the certificates of the system (or of SSL_CERT_FILE), not those of a packaged Java.
Exit status: 0 if all jars are there, else 1 with a reason on stderr.
"""

import argparse
import hashlib
import importlib.util
import re
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

SECONDS = 120


class Jar(NamedTuple):
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """The jar's path in a Maven repository."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file}"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Fetch jars by checksum.")
    parser.add_argument("--list", required=True, type=Path)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--from", dest="source")
    arguments = parser.parse_args(argv)
    into = arguments.into or pyspark_jars()
    for jar in listed(arguments.list.read_text()):
        if is_there(into / jar.file, jar.sha256):
            continue
        try:
            fetch(jar, arguments.source or default_repository(pyspark_jars()), into)
        except (OSError, ValueError) as failure:
            print(f"{jar.file}: {failure}", file=sys.stderr)
            return 1
        remove_other_versions(jar, into)
    return 0


def listed(text: str) -> list[Jar]:
    """The jars in a text with lines `group:artifact:version sha256`."""
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [Jar(*(*name.split(":"), sha256)) for name, sha256 in lines]


def is_there(file: Path, sha256: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def fetch(jar: Jar, repository: str, into: Path) -> None:
    """Download a jar. Raises OSError if the repository does not answer, ValueError if the checksum differs."""
    with urllib.request.urlopen(f"{repository.rstrip('/')}/{jar.path}", timeout=SECONDS) as answer:
        body = answer.read()
    found = hashlib.sha256(body).hexdigest()
    if found != jar.sha256:
        raise ValueError(f"its SHA-256 is {found}, but the list has {jar.sha256}")
    part = into / f"{jar.file}.part"
    part.write_bytes(body)
    part.replace(into / jar.file)


def remove_other_versions(jar: Jar, into: Path) -> None:
    """Remove other versions of a jar: two versions of a library on one class path cause obscure errors."""
    version = re.compile(re.escape(jar.artifact) + r"-\d[\w.]*\.jar")
    for other in into.iterdir():
        if version.fullmatch(other.name) and other.name != jar.file:
            other.unlink()


def pyspark_jars() -> Path:
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise SystemExit("pyspark is not installed")
    return Path(found.origin).parent / "jars"


def default_repository(jars: Path) -> str:
    """Spark's default repository, as the Ivy jar that comes with Spark names it."""
    for ivy in sorted(jars.glob("ivy-*.jar")):
        with zipfile.ZipFile(ivy) as archive:
            code = archive.read("org/apache/ivy/plugins/resolver/IBiblioResolver.class")
        if found := re.search(rb"https://[\x21-\x7e]+/maven2/", code):
            return found.group().decode()
    raise ValueError("no default repository found: name one with --from")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
