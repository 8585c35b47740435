// Copies a block's program. Without it, or in a folder without a server, the link beside the button
// opens the same file.
"use strict";

{
  const said = document.createElement("p");
  said.className = "unrolled-aside";
  said.setAttribute("role", "status");
  document.body.append(said);

  const copy = async (button) => {
    const label = button.innerHTML;
    try {
      const answer = await fetch(button.dataset.program);
      if (!answer.ok) throw new Error(answer.statusText);
      await navigator.clipboard.writeText(await answer.text());
      button.textContent = "Copied";
      said.textContent = "The program is in the clipboard.";
    } catch {
      button.textContent = "Not copied: open the program";
      said.textContent = "The program could not be copied. The link beside the button opens it.";
    }
    setTimeout(() => {
      button.innerHTML = label;
      said.textContent = "";
    }, 3000);
  };

  for (const button of document.querySelectorAll("[data-program]")) {
    button.hidden = !navigator.clipboard || location.protocol === "file:";
    button.addEventListener("click", () => copy(button));
  }
}
