"""The fault that the person at the keyboard can mend."""


class InputError(Exception):
    """A value or a place that cannot be used; the message names it and says what would do."""
