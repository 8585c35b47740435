// A figure to take along: as SVG with the colours that it has now, as PNG, or as a table of the
// numbers in it. Without this script, or in a folder without a server, the numbers are a file.
"use strict";

{
  const plain = (svg) => {
    const style = getComputedStyle(document.body);
    const width = svg.viewBox.baseVal.width;
    const height = svg.viewBox.baseVal.height;
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    const text = new XMLSerializer().serializeToString(copy);
    return {
      width,
      height,
      text: text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim()),
    };
  };

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const asSvg = (svg, name) => {
    save(new Blob([plain(svg).text], { type: "image/svg+xml" }), `${name}.svg`);
  };

  const asPng = async (svg, name) => {
    const { width, height, text } = plain(svg);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 3 * width;
    canvas.height = 3 * height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, `${name}.png`), "image/png");
  };

  const asTable = (text) => {
    const table = document.createElement("table");
    for (const [index, line] of text.trimEnd().split("\n").entries()) {
      const row = table.insertRow();
      for (const cell of line.match(/("(""|[^"])*"|[^,]*)(,|$)/g).slice(0, -1)) {
        const element = document.createElement(index ? "td" : "th");
        element.textContent = cell.replace(/,$/, "").replace(/^"|"$/g, "").replaceAll('""', '"');
        row.append(element);
      }
    }
    return table;
  };

  const toggle = async (link, figure) => {
    let box = figure.querySelector(".unrolled-numbers");
    if (!box) {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(answer.statusText);
      box = document.createElement("div");
      box.className = "unrolled-numbers";
      box.tabIndex = 0;
      box.hidden = true;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", `Numbers of ${figure.id}`);
      box.append(asTable(await answer.text()));
      figure.querySelector("figcaption").append(box);
    }
    box.hidden = !box.hidden;
    link.setAttribute("aria-expanded", String(!box.hidden));
  };

  for (const link of document.querySelectorAll("[data-numbers]")) {
    if (location.protocol === "file:") break; // where nothing may be fetched
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(link, link.closest("figure")).catch(() => location.assign(link.href));
    });
  }

  for (const figure of document.querySelectorAll(".unrolled-figure")) {
    const svg = figure.querySelector("svg");
    if (!svg) continue;
    const tools = figure.querySelector(".unrolled-saving") ?? document.createElement("p");
    tools.className = "unrolled-saving";
    for (const [kind, how] of [["SVG", asSvg], ["PNG", asPng]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = kind;
      button.setAttribute("aria-label", `Save ${figure.id} as ${kind}`);
      button.addEventListener("click", () => how(svg, figure.id));
      tools.append(" ", button);
    }
    figure.querySelector("figcaption").append(tools);
  }
}
