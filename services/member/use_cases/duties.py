"""Rights of member whose reach is not that of ADM-08's general rule."""

from services.member.domain.fields import Template
from shared.authority.decide import Duty, Line
from shared.contracts.org import Category


def importing(template: Template) -> Duty:
    """MEM-03, MEM-24: the own admins; for a branch's members also those of its superior.

    Rows go into an organization's direct branches, so that its superior would write two levels down; and cadres of an
    organization are entered by its superior singly only.
    """

    def who(line: Line) -> tuple[str, ...]:
        both = template is Template.MEMBERS and line.scopes[0].category == Category.BRANCH
        return line.ids[:2] if both else line.ids[:1]

    return Duty("importing", who)


def withdrawing(principal: str, uploader: str) -> Duty:
    """MEM-27: the uploader, while they have the right to write there, or an admin of the superior."""
    return Duty("withdrawing", lambda line: line.ids[:2] if principal == uploader else line.ids[1:2])
