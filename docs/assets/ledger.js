// Lets a reader of the ledger choose what to see. Without it, all of it is there.
"use strict";

{
  const entries = [...document.querySelectorAll(".unrolled-entry")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    verdict: element.dataset.verdict,
    chapter: element.dataset.chapter,
  }));
  const form = document.querySelector(".unrolled-filter");
  const chapters = form.elements.chapter;
  for (const slug of new Set(entries.map((entry) => entry.chapter))) {
    chapters.add(new Option(slug, slug));
  }

  const apply = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/);
    const verdicts = new Set([...form.querySelectorAll("[name=verdict]:checked")].map((box) => box.value));
    let shown = 0;
    for (const { element, text, verdict, chapter } of entries) {
      const wanted =
        verdicts.has(verdict) &&
        (!chapters.value || chapters.value === chapter) &&
        words.every((word) => text.includes(word));
      element.hidden = !wanted;
      shown += wanted;
    }
    form.querySelector("output").textContent = `${shown} of ${entries.length} statements`;
  };

  // A link to one claim shows it, whatever was chosen.
  const arrive = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const entry = target?.closest(".unrolled-entry");
    if (entry?.hidden) {
      form.reset();
      apply();
      target.scrollIntoView();
    }
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", arrive);
  form.hidden = false;
  apply();
  arrive();
}
