"""When Python looks for garbage that refers to itself: with its own thresholds, far too often for what is done here."""

import gc


def collect_rarely() -> None:
    """With batches of thousands of small dictionaries the default thresholds cost a third of the CPU of a read model,
    and a sixth of that of a start.
    """
    gc.set_threshold(50_000, 20, 20)


def rest_the_collector() -> None:
    """Also leaves out what is there by now: after the start that lives as long as the process."""
    collect_rarely()
    gc.collect()
    gc.freeze()
