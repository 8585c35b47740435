"""What the theme's templates get wrong: said once, put right in every finished page."""

from __future__ import annotations

FAULTS = {
    # An empty string is no number; a label that opens nothing needs no place in the order of keys.
    ' tabindex=""': "",
    # Only fields that one types into can be filled in by the browser.
    'id="__drawer" autocomplete="off"': 'id="__drawer"',
    'id="__search" autocomplete="off"': 'id="__search"',
    # A dialog has a name.
    'data-md-component="search" role="dialog"': (
        'data-md-component="search" role="dialog" aria-label="Search"'
    ),
}


def mended(page: str) -> str:
    """Return a finished page without the theme's faults."""
    for fault, right in FAULTS.items():
        page = page.replace(fault, right)
    return page
