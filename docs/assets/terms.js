// Terms: on a touch screen the first tap shows what a term means and the second follows it.
// With Escape a definition goes away while the pointer or the focus stays where it is.
"use strict";

{
  const terms = document.querySelectorAll(".unrolled-term");
  const forget = (state) => {
    for (const term of terms) if (term.dataset.definition === state) delete term.dataset.definition;
  };

  document.addEventListener("click", (event) => {
    const term = event.target.closest(".unrolled-term");
    const open = term?.dataset.definition === "shown";
    forget("shown");
    if (!term || open || event.pointerType !== "touch") return;
    event.preventDefault();
    term.dataset.definition = "shown";
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const term of terms) term.dataset.definition = "hidden";
  });

  for (const begin of ["pointerover", "focusin"]) {
    document.addEventListener(begin, () => forget("hidden"));
  }
}
