// Remembers, in this browser only, which chapters were read to their end, and marks them.
"use strict";

{
  const KEY = "unrolled-read";
  const home = new URL("..", document.currentScript.src); // of the site
  const chapter = (address) => {
    const path = new URL(address, location.href).pathname;
    const start = new URL("chapters/", home).pathname;
    return path.startsWith(start) ? path.slice(start.length).replace(/\/(index\.html)?$|\.html$/, "") : "";
  };

  const load = () => {
    try {
      return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
    } catch {
      return new Set();
    }
  };
  const store = (read) => {
    try {
      localStorage.setItem(KEY, JSON.stringify([...read]));
    } catch {
      // A browser that keeps nothing marks nothing.
    }
  };

  const mark = () => {
    const read = load();
    for (const link of document.querySelectorAll(".md-nav--primary a, article ol a")) {
      const done = read.has(chapter(link.href));
      if (done === link.classList.contains("unrolled-read")) continue;
      link.classList.toggle("unrolled-read", done);
      link.querySelector(".unrolled-aside")?.remove();
      if (done) {
        const said = document.createElement("span");
        said.className = "unrolled-aside";
        said.textContent = " (read)";
        link.append(said);
      }
    }
    const line = document.querySelector("[data-progress]");
    if (!line) return;
    const links = [...document.querySelectorAll("article ol a")].map((link) => chapter(link.href));
    const known = new Set(links.filter(Boolean));
    const count = [...known].filter((slug) => read.has(slug)).length;
    line.hidden = !count;
    line.querySelector("span").textContent = `You have read ${count} of ${known.size}.`;
  };

  const here = chapter(location.href);
  const end = document.querySelector(".unrolled-provenance");
  if (here && end) {
    new IntersectionObserver((seen, observer) => {
      if (!seen.some((each) => each.isIntersecting) || scrollY < innerHeight) return;
      observer.disconnect();
      store(load().add(here));
      mark();
    }).observe(end);
  }
  document.querySelector("[data-progress] button")?.addEventListener("click", () => {
    store(new Set());
    mark();
  });
  mark();
}
