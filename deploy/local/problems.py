"""What goes wrong while setting up: one sentence for a person, with the way out."""


class SetUpProblem(Exception):
    """Its text is shown as it is, without a traceback; it says what happened and what to do next."""
