"""The site as a folder that is opened without a server, and that folder as one file.

A page that is opened from a folder may load scripts from it, but not read its files, nor start a
worker from one of them. So what the search needs is there a second time, as scripts.
"""

from __future__ import annotations

import json
import os
import time
import zipfile
from pathlib import Path

INDEX = "search/search_index"
WORKERS = "assets/javascripts/workers/search.*.js"
STARTER = """\
// The search runs in a worker, which a page in a folder can start only from memory.
{
  const source = %s;
  window.Worker = class extends Worker {
    constructor() {
      super(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    }
  };
}
"""


def add_search(site: Path) -> None:
    """Write the search index and the search's worker as scripts, for pages without a server.

    Material's bundle loads the first by itself when a page is opened from a folder; the second
    is named in `theme/main.html`.
    """
    index = (site / f"{INDEX}.json").read_text("utf-8")
    (site / f"{INDEX}.js").write_text(f"var __index = {index}", "utf-8")
    workers = list(site.glob(WORKERS))
    if len(workers) != 1:
        found = [file.name for file in workers]
        raise FileNotFoundError(f"expected one file {WORKERS} of Material for MkDocs, got {found}")
    source = json.dumps(workers[0].read_text("utf-8"))
    (site / "search/worker.js").write_text(STARTER % source, "utf-8")


def pack(folder: Path, file: Path) -> None:
    """Write a folder as a zip file, the same to the byte for the same files.

    Their time is that of SOURCE_DATE_EPOCH, or now.
    """
    when = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    unfinished = file.with_name(f".{file.name}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
            for name in sorted(name for name, path in files.items() if path.is_file()):
                entry = zipfile.ZipInfo(f"{file.stem}/{name}", when[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, files[name].read_bytes())
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
