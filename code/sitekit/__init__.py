"""Builds the site: finds the blocks of every page, runs them, renders what came out.

`unrolled` never imports this package. Everything that knows MkDocs is in `mkdocs_plugin`.
"""
