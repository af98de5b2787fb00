"""Child processes of a benchmark: bounded in time, gone when this program is gone."""

import ctypes
import json
import signal
import subprocess
import sys

RUN_SECONDS_MAX = 180


class RunFailed(Exception):
    pass


def note(text):
    print(text, file=sys.stderr, flush=True)


def end_with_parent():
    """Runs in a child: the kernel kills it when this program dies, however that happens."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def start(command, **streams):
    words = [str(word) for word in command]
    try:
        return subprocess.Popen(words, preexec_fn=end_with_parent, **streams)
    except OSError as error:
        raise RunFailed(f"{words[0]}: {error.strerror}") from None


def json_object(text):
    """The JSON object on the last line of a tool's output, None if there is none."""
    lines = text.strip().splitlines()
    try:
        result = json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        return None
    return result if isinstance(result, dict) else None


def run_tool(command, seconds_max=RUN_SECONDS_MAX):
    """The JSON line that a tool prints; raises RunFailed with the tool's own words otherwise."""
    child = start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        output, errors = child.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        raise RunFailed(f"not done after {seconds_max} s") from None
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    result = json_object(output)
    if result is None:
        words = (errors.strip() or output.strip()).splitlines()
        raise RunFailed(words[0] if words else f"exit status {child.returncode}") from None
    return result
