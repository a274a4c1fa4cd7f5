"""``python -m pointsman`` is the command ``pointsman``: see cli/.

The supervisor starts its children this way, so that they run under the same interpreter.
Nothing else lives here.
"""

from pointsman.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
