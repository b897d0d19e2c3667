// Small comforts. Everything they help with works without them.
"use strict";

const inside = (target, selector) => target instanceof Element && target.closest(selector);

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copy = inside(event.target, "[data-copy]");
  if (copy) copyText(copy);
  if (inside(event.target, "[data-print]")) printPage();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

async function copyText(button) {
  const source = document.getElementById(button.dataset.copy);
  const said = button.nextElementSibling;
  try {
    await navigator.clipboard.writeText(source.textContent.replace(/\s+/g, " ").trim());
    if (said) said.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    if (said) said.textContent = "Selected: press Ctrl+C to copy";
  }
}

// Figures load as they are scrolled to; a print needs them all.
function loadImages() {
  for (const image of document.images) image.loading = "eager";
}
addEventListener("beforeprint", loadImages);

async function printPage() {
  loadImages();
  const loaded = Promise.allSettled([...document.images].map((image) => image.decode()));
  await Promise.race([loaded, new Promise((late) => setTimeout(late, 4000))]);
  window.print();
}

// Buttons that need a script show only where there is one.
for (const button of document.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
