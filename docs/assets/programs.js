// Copies code: what a block shows, its program, or any other code on the page. Without it, or in a
// folder without a server, the link beside the button opens the program.
"use strict";

if (navigator.clipboard) {
  const said = document.createElement("p");
  said.className = "unrolled-aside";
  said.setAttribute("role", "status");
  document.body.append(said);

  // What `read` promises goes to the clipboard; the button says so for a while, and `said` aloud.
  const copies = (button, read, what, otherwise) => {
    const label = button.innerHTML;
    const show = (text, aloud) => {
      if (button.textContent) button.textContent = text;
      said.textContent = aloud;
    };
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(await read());
        show("Copied", `${what} is in the clipboard.`);
      } catch {
        show("Not copied", `${what} could not be copied. ${otherwise}`);
      }
      setTimeout(() => {
        button.innerHTML = label;
        said.textContent = "";
      }, 3000);
    });
  };

  const code = ".highlight:not(.unrolled-output) pre > code";

  for (const button of document.querySelectorAll("[data-copy]")) {
    const shown = button.closest(".unrolled-block").querySelector(code);
    copies(button, () => shown.textContent, "The block", "Select it and copy it by hand.");
  }

  for (const button of document.querySelectorAll("[data-program]")) {
    button.hidden = location.protocol === "file:"; // where nothing may be fetched
    const read = async () => {
      const answer = await fetch(button.dataset.program);
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.text();
    };
    copies(button, read, "The program", "The link beside the button opens it.");
  }

  // Code that is no block, nor a signature, has a button in its corner.
  for (const shown of document.querySelectorAll(`.md-typeset ${code}`)) {
    if (shown.closest(".unrolled-block, .unrolled-signature")) continue;
    const corner = document.createElement("div");
    corner.className = "md-code__nav";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "md-code__button";
    button.dataset.mdType = "copy";
    button.title = "Copy this code";
    corner.append(button);
    shown.before(corner);
    copies(button, () => shown.textContent, "The code", "Select it and copy it by hand.");
  }
} else {
  for (const button of document.querySelectorAll("[data-copy], [data-program]")) {
    button.hidden = true;
  }
}
