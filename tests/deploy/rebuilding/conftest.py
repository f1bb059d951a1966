"""Records and read models as the tests of the loop have them."""

from tests.shared.projections.conftest import driver, records, settings

__all__ = ["driver", "records", "settings"]
