"""Say what a block raised, in lines of its page."""

from __future__ import annotations

import traceback


def describe(
    error: BaseException, wanted: str, name: str, path: str, first: int, runner: str
) -> dict[str, object]:
    """Return message, line and traceback of an error, in lines of the page."""
    kind = type(error).__name__
    message = f"{kind}: {error}" if str(error) else kind
    if isinstance(error, SystemExit):
        message = f"the block calls sys.exit({error.code!r})"
    elif wanted:
        message = f"expected {wanted}, got {message}"
    described = traceback.TracebackException.from_exception(error)
    line = first
    link: traceback.TracebackException | None = described
    while link is not None:
        if link.stack and link.stack[0].filename == runner:
            del link.stack[0]
        for frame in link.stack:
            if frame.filename == name and frame.lineno is not None:
                frame.line  # noqa: B018  # read the source before its number changes
                frame.filename, frame.lineno = path, frame.lineno + first - 1
                if frame.end_lineno is not None:
                    frame.end_lineno += first - 1
                line = frame.lineno if link is described else line
        link = link.__cause__ or link.__context__
    if isinstance(error, SyntaxError) and error.filename == name and error.lineno:
        line = error.lineno + first - 1
        described.filename, described.lineno = path, str(line)
    return {"message": message, "line": line, "traceback": "".join(described.format())}
