"""GRD-03, GRD-09: the usual days of a graduation campaign, where neither the centre nor the province set others."""

from collections.abc import Mapping

from services.org.domain.events_of_graduation import Step

USUAL: Mapping[Step, tuple[int, int]] = {
    Step.MARK: (5, 31),
    Step.GRADUATE: (6, 1),
    Step.START: (8, 31),
    Step.SETTLE: (9, 30),
    Step.FRESHMEN: (9, 30),
}
"""(month, day). The system turned branches into graduate ones on 1 June in 2020 and 2021, so months are marked by the
day before. In 2021 every transfer was to be started by 31 August and settled by 30 September. Branches of freshmen are
built and filled within a month of the start of term, 1 September.
"""
