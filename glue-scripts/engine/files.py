"""Reads and writes small documents and folders below the root: a folder on a laptop, `s3://bucket` on AWS."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pyarrow.fs as pafs


def filesystem(place: str) -> tuple[Any, str]:
    """The file system of a path, `file:///path` or `s3://bucket/key`, and the path in it. Nothing in a key is decoded."""
    scheme, separator, rest = place.partition("://")
    if scheme == "file":
        return pafs.LocalFileSystem(), rest
    if separator:
        return bucket_files(f"{scheme}://{rest.partition('/')[0]}"), rest
    return pafs.LocalFileSystem(), str(Path(place).absolute())


def uri(path: str) -> str:
    """A local path as a URI, for readers that would expand a path as a pattern."""
    return f"file://{quote(path)}"


def bucket_files(uri: str) -> Any:
    """The file system of a bucket, with the credentials of the AWS SDK where it is installed, which refreshes them."""
    session = sdk_session()
    credentials = None if session is None else session.get_credentials()
    return opened_bucket(uri, None if credentials is None else credentials.get_frozen_credentials())


@cache
def sdk_session() -> Any:
    """The session of the AWS SDK; None on a laptop, which has none. Arrow's own search knows fewer kinds of credentials."""
    try:
        from botocore.session import get_session
    except ImportError:
        return None
    return get_session()


@lru_cache(maxsize=8)
def opened_bucket(uri: str, credentials: Any) -> Any:
    """Kept until the credentials change, because opening one without a region asks S3 for the region of the bucket."""
    if credentials is None:
        return pafs.FileSystem.from_uri(uri)[0]
    return pafs.S3FileSystem(
        access_key=credentials.access_key,
        secret_key=credentials.secret_key,
        session_token=credentials.token,
        region=os.environ.get("AWS_REGION") or pafs.resolve_s3_region(uri.partition("://")[2]),
        # Unlike `from_uri`, this does not read the variable.
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL"),
    )


def exists(place: str) -> bool:
    files, path = filesystem(place)
    return bool(files.get_file_info(path).type != pafs.FileType.NotFound)


def read_text(place: str) -> str:
    """The text of a file. Raises FileNotFoundError if it does not exist."""
    files, path = filesystem(place)
    with files.open_input_stream(path) as stream:
        return bytes(stream.read()).decode()


def write_text(place: str, text: str) -> None:
    """Write a document. A reader sees the old one or the new one, never half of it: S3 guarantees that, a folder needs a rename."""
    files, path = filesystem(place)
    local = isinstance(files, pafs.LocalFileSystem)
    if local:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    target = f"{path}.tmp" if local else path
    with files.open_output_stream(target) as stream:
        stream.write(text.encode())
    if local:
        Path(target).replace(path)


@contextmanager
def folder_of(place: str, last: str) -> Iterator[Path]:
    """A local folder to write into: `place` itself if it is local, else one whose files are copied to it, the file `last` last."""
    if "://" not in place:
        yield Path(place)
        return
    with TemporaryDirectory(prefix="millrace-") as scratch:
        folder = Path(scratch) / "folder"
        yield folder
        files, path = filesystem(place)
        for file in sorted(folder.iterdir(), key=lambda file: (file.name == last, file.name)):
            with files.open_output_stream(f"{path}/{file.name}") as stream:
                stream.write(file.read_bytes())


@contextmanager
def copy_of(place: str) -> Iterator[Path]:
    """A local folder with the files of a place: the place itself if it is local."""
    if "://" not in place:
        yield Path(place)
        return
    files, path = filesystem(place)
    with TemporaryDirectory(prefix="millrace-") as scratch:
        for info in files.get_file_info(pafs.FileSelector(path, allow_not_found=True)):
            if info.type == pafs.FileType.File:
                with files.open_input_stream(info.path) as stream:
                    (Path(scratch) / info.base_name).write_bytes(stream.read())
        yield Path(scratch)
