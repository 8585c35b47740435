// Takes a figure along: as SVG with the colours that it has now, or as PNG.
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

  for (const figure of document.querySelectorAll(".unrolled-figure")) {
    const svg = figure.querySelector("svg");
    const caption = figure.querySelector("figcaption");
    if (!svg || !caption) continue;
    const tools = document.createElement("span");
    tools.className = "unrolled-saving";
    for (const [kind, how] of [["SVG", asSvg], ["PNG", asPng]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = kind;
      button.setAttribute("aria-label", `Save ${figure.id} as ${kind}`);
      button.addEventListener("click", () => how(svg, figure.id));
      tools.append(button);
    }
    caption.append(" ", tools);
  }
}
