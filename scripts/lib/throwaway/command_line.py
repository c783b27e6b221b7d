"""Command lines of the form: our options -- somebody else's command or arguments."""
import sys


def parse(parser, name, required=False):
    """Our options, with what follows the first -- as a list in the attribute `name`.

    Cut by hand: argparse gives the rest to a positional of ours too early when an option stands before it.
    """
    argv = sys.argv[1:]
    cut = argv.index("--") if "--" in argv else len(argv)
    options = parser.parse_args(argv[:cut])
    setattr(options, name, argv[cut + 1:])
    if required and not getattr(options, name):
        parser.error(f"nothing after --: {name} expected")
    return options
