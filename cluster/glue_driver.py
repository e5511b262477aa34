"""Starts the driver of a Glue job on the cluster rig: `glue_driver.py SCRIPT --name value ...`, with the arguments of the job run.

Does with the arguments that Glue itself reads what Glue does: installs `--additional-python-modules` on every node, sends
`--extra-py-files` to the executors, and passes `--conf` to Spark. `$MILLRACE_CLUSTER/platform.json` describes the cluster.
Exit status: that of the job.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

WRAPPER = Path(__file__).resolve().parent / "glue_wrapper.py"
PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    end_with_parent()
    folder = Path(os.environ["MILLRACE_CLUSTER"])
    platform = json.loads((folder / "platform.json").read_text())
    script, *arguments = argv
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    install(given, platform)
    settings = given.get("--conf", "").split(" --conf ")
    submit = [f"{platform['spark']}/bin/spark-submit", "--deploy-mode", "client"]
    submit += [part for text in settings if text for part in ("--conf", text)]
    if "--extra-py-files" in given:
        submit += ["--py-files", given["--extra-py-files"]]
    submit += [str(WRAPPER), script, *arguments]
    environment = {**os.environ, **platform["environment"]}
    # Nothing of a laptop may tell the engine where it is: the mode is an argument of the job.
    for name in ("GLUE_VERSION", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    os.execvpe(submit[0], submit, environment)


def end_with_parent() -> None:
    """Makes Linux end this process when the twin ends, even when it is killed.

    The JVM that replaces this program keeps the setting. The job's script ends with the JVM, because its stdin closes.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def install(given: dict[str, str], platform: dict[str, str]) -> None:
    """Installs the job's modules into the folder that every node of the rig has on its Python path."""
    modules = [name for name in given.get("--additional-python-modules", "").split(",") if name]
    if not modules:
        return
    options = given.get("--python-modules-installer-option", "").split()
    noted = Path(platform["modules"]) / ".installed"
    wanted = " ".join([*options, *modules])
    if noted.exists() and noted.read_text() == wanted:
        return
    command = [platform["python"], "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    done = subprocess.run([*command, "--target", platform["modules"], *options, *modules], check=False)
    if done.returncode != 0:
        sys.exit(f"Glue could not install the modules of the job: {wanted}")
    noted.write_text(wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
