"""The operator's command `tuan`. Whatever it does, it loads a thousand modules first, none of which is garbage."""

from shared.runtime.collector import collect_rarely

collect_rarely()
