"""Both sides in turn, and the medians of what they gave."""

import statistics

from processes import RunFailed, note


def alternate(name, runs, sides):
    """Runs both sides in turn, `runs` times; the medians of each, or why it has none."""
    samples = {side: [] for side in sides}
    failures = {}
    for number in range(1, runs + 1):
        for side, measure in sides.items():
            if side in failures:
                continue
            note(f"{name}: {side}, run {number} of {runs}")
            try:
                samples[side].append(measure())
            except RunFailed as failure:
                failures[side] = str(failure)
                note(f"{name}: {side}: {failure}")
    result = {"name": name}
    for side in sides:
        if side in failures:
            result[side] = {"failure": failures[side]}
        else:
            keys = samples[side][0].keys()
            result[side] = {
                key: statistics.median(sample[key] for sample in samples[side]) for key in keys
            }
    return result
