"""Finds the damaged file of a Delta table that an engine could not read. The result is the same for both engines."""

import json
import shlex
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow.fs as pafs
import pyarrow.parquet as pq

from engine.delta_log import COMMIT, Action, checkpoint, log_files, newest_checkpoint, newest_version
from engine.faults import Fault
from engine.files import exists, filesystem, read_text
from engine.plan_types import Task
from engine.words import counted

if TYPE_CHECKING:
    # `score` and `show` use this module too; the job brings all of the readers, which take longer to load than a row to find.
    from engine.job import Job

#: If a table has more bytes than this, only the footers of its data files are read, not every page.
MOST_BYTES = 4 << 30
#: Names the newest checkpoint, so that a reader need not search for it.
LAST_CHECKPOINT = "_delta_log/_last_checkpoint"


def damage_of_task(job: "Job[Task]") -> Fault | None:
    """The fault for the first damaged table that a task reads or writes; None if all can be read."""
    return next((fault for name, place in tables_of(job) if (fault := damage_of(name, place))), None)


def refuse_half_logs(job: "Job[Task]") -> None:
    """Raises MR531 if the file of a commit is empty: Spark would take it for a commit that did nothing, and its rows would be lost."""
    for name, place in tables_of(job):
        files, folder = filesystem(f"{place}/_delta_log")
        for info in files.get_file_info(pafs.FileSelector(folder, allow_not_found=True)):
            if info.size == 0 and COMMIT.match(info.base_name):
                raise damaged(name, place, f"_delta_log/{info.base_name}", "is empty")


def tables_of(job: "Job[Task]") -> Iterator[tuple[str, str]]:
    """Name and place of each table that a task reads or writes."""
    for table in [*job.upstream.values(), *([] if job.makes is None else [job.makes])]:
        yield table.name, job.lake.of(table)
    if job.makes is not None and job.makes.rejects:
        yield f"quarantine of {job.makes.name}", job.lake.quarantine(job.makes.name)


def damage_of(name: str, place: str) -> Fault | None:
    """MR531 with the file that cannot be read and how to restore the table; None if the table is intact or does not exist."""
    wrong = next(damages(place), None) if exists(place) else None
    return None if wrong is None else damaged(name, place, *wrong)


def damaged(name: str, place: str, file: str, why: str) -> Fault:
    version = newest_version(place)
    which = f"table {name}" if version is None else f"table {name}, version {version},"
    quoted = shlex.quote(place)
    remote = "://" in place
    move = f"aws s3 rm --recursive {quoted}" if remote else f"mv {quoted} {shlex.quote(place + '.damaged')}"
    hint = f"restore the file from a copy, or run `{move}`: the next run then rebuilds the table"
    if file == LAST_CHECKPOINT:
        hint = f"run `{'aws s3 rm' if remote else 'rm'} {shlex.quote(f'{place}/{file}')}`: the table can be read without the file"
    return Fault("MR531", place, f"{which} cannot be read: {file} {why}", hint)


def damages(place: str) -> Iterator[tuple[str, str]]:
    """Files that cannot be read, each with the reason."""
    names = set(log_files(place))
    newest = newest_version(place)
    if newest is None:
        yield "_delta_log", "holds no commit"
        return
    begin = newest_checkpoint(place, newest)
    live: dict[str, Action] = {}
    try:
        live = {add["path"]: add for add in checkpoint(place, begin)} if begin >= 0 else {}
    except Exception as failure:
        yield f"_delta_log/{begin:020}.checkpoint.parquet", reason(failure)
        return
    for version in range(begin + 1, newest + 1):
        file = f"_delta_log/{version:020}.json"
        if not exists(f"{place}/{file}"):
            yield file, "is missing"
            return
        if wrong := unreadable_json(f"{place}/{file}"):
            yield file, wrong
            return
        for line in read_text(f"{place}/{file}").splitlines():
            action = json.loads(line) if line.strip() else {}
            if "remove" in action:
                live.pop(action["remove"]["path"], None)
            if "add" in action:
                live[action["add"]["path"]] = action["add"]
    # Only now, because the hint for this file says that the table can be read without it.
    if "_last_checkpoint" in names and (wrong := wrong_pointer(f"{place}/{LAST_CHECKPOINT}", names)):
        yield LAST_CHECKPOINT, wrong
    whole = sum(int(add.get("size") or 0) for add in live.values()) <= MOST_BYTES
    for path, add in live.items():
        if wrong := unreadable_parquet(place, unquote(path), add, whole):
            yield unquote(path), wrong


def wrong_pointer(place: str, names: Collection[str]) -> str | None:
    """Why the file that names the newest checkpoint cannot be used. `names`: the files of the log."""
    if wrong := unreadable_json(place):
        return wrong
    version = json.loads(read_text(place)).get("version")
    if isinstance(version, int) and any(name.startswith(f"{version:020}.checkpoint.") for name in names):
        return None
    return f"is damaged: there is no checkpoint of version {version}"


def unreadable_json(place: str) -> str | None:
    try:
        for line in read_text(place).splitlines():
            if line.strip() and not isinstance(json.loads(line), dict):
                return "is damaged: a line is not an action"
    except Exception as failure:
        return reason(failure)
    return None if read_text(place).strip() else "is empty"


def unreadable_parquet(table: str, path: str, add: Action, whole: bool) -> str | None:
    files, folder = filesystem(table)
    try:
        with files.open_input_file(f"{folder}/{path}") as stream:
            size = stream.size()
            if size != int(add.get("size") or size):
                return f"is damaged: it has {counted(size, 'byte')}, but was written with {add['size']:,}"
            file = pq.ParquetFile(stream)
            if whole:
                for _ in file.iter_batches():
                    pass
    except Exception as failure:
        return reason(failure)
    return None


def reason(failure: Exception) -> str:
    if isinstance(failure, FileNotFoundError):
        return "is missing"
    if isinstance(failure, PermissionError):
        return "is not readable (permission denied)"
    text = str(failure).strip().split("\n")[0][:200]
    return f"is damaged: {text}"
