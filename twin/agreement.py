"""Additions for comparing MiniStack's interpreter with ours: resources that Tasks can call, and a history that names every state."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import corrections
import virtual_time
from ministack.services import stepfunctions as sfn
from simulation import required

PREFIX = "arn:aws:states:::millrace:"


def apply() -> None:
    virtual_time.apply()
    corrections.JITTER = lambda: 0.5
    sfn._SERVICE_DISPATCH[PREFIX] = _answer
    _record_every_state()


def _answer(resource: str, given: dict) -> dict:
    """The resource that a Task calls with {given, attempt, nap}: sleeps `nap` milliseconds, then does what its name says."""
    here = required()
    here.sleep(given["nap"])
    kind, _, error = resource.removeprefix(PREFIX).partition(":")
    match kind:
        case "slow":
            here.sleep(5000)
        case "stuck":
            here.forever()
        case "flaky" if given["attempt"] == 0:
            raise sfn._ExecutionError("E1", "generated")
        case "fail":
            raise sfn._ExecutionError(error, "generated")
    return {"given": given["given"], "attempt": given["attempt"]}


_path: ContextVar[str] = ContextVar("path", default="")
_branches: ContextVar[tuple[dict, ...]] = ContextVar("branches", default=())
_execution: ContextVar[dict | None] = ContextVar("execution", default=None)


def _record_every_state() -> None:
    """Add the states of branches and items to the history, as on AWS. The field `path`, which AWS lacks, names the enclosing ones."""
    for kind in ("pass", "wait", "choice"):
        name = f"_execute_{kind}"
        setattr(sfn, name, _recording(getattr(sfn, name), lambda state, given, ctx: (state, given, ctx)))
    for kind in ("task", "parallel", "map"):
        name = f"_execute_{kind}"
        setattr(sfn, name, _recording(getattr(sfn, name), lambda state, given, _, ctx: (state, given, ctx)))
    sfn._fail_state_error = _recording(sfn._fail_state_error, lambda state, given, ctx: (state, given, ctx))
    sfn._apply_input_path = _recording(
        sfn._apply_input_path, lambda state, given, ctx: (state, given, ctx), ("Succeed",)
    )
    sfn._run_parallel_branches = _with_branches(sfn._run_parallel_branches)
    sfn._run_sub_machine = _with_path(sfn._run_sub_machine)


def _recording(original: Callable, read: Callable, only: tuple[str, ...] = ()) -> Callable:
    """Record that a state is entered, then call the original."""

    def record(*args: Any) -> Any:
        state, given, ctx = read(*args)
        execution = _execution.get()
        # MiniStack itself records the states outside branches and items.
        if execution is not None and (not only or state.get("Type") in only):
            details = {"name": ctx["State"]["Name"], "input": json.dumps(given)}
            event = {"stateEnteredEventDetails": details, "path": _path.get()}
            sfn._add_event(execution, f"{state['Type']}StateEntered", event)
        return original(*args)

    return record


def _with_branches(original: Callable) -> Callable:
    def run_parallel_branches(state: dict, *args: Any) -> Any:
        token = _branches.set(tuple(branch["States"] for branch in state["Branches"]))
        try:
            return original(state, *args)
        finally:
            _branches.reset(token)

    return run_parallel_branches


def _with_path(original: Callable) -> Callable:
    def run_sub_machine(states: dict, start_at: str, given: Any, execution: dict, ctx: dict) -> Any:
        branch_number = next((i for i, branch in enumerate(_branches.get()) if branch is states), None)
        index = ctx["Map"]["Item"]["Index"] if branch_number is None else branch_number
        _path.set(f"{_path.get()}{ctx['State']['Name']}[{index}].")
        _execution.set(execution)
        return original(states, start_at, given, execution, ctx)

    return run_sub_machine
