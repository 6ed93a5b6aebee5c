"""What a user can put right; the commands print the message alone."""

import sys


class UsageError(Exception):
    pass


def told(main):
    """Runs a command; a UsageError ends it with one line and the exit status 2."""
    try:
        main()
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
