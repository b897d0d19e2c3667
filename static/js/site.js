// Conveniences. Everything works without this file.
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
  const status = button.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.write([new ClipboardItem(clipboardContent(source, "rich" in button.dataset))]);
    if (status) status.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(source);
    if (status) status.textContent = button.dataset.selected;
  }
}

function clipboardContent(source, rich) {
  const text = source.dataset.plain ?? source.textContent.replace(/\s+/g, " ").trim();
  const types = { "text/plain": text, ...(rich && { "text/html": source.innerHTML.trim() }) };
  return Object.fromEntries(Object.entries(types).map(([type, words]) => [type, new Blob([words], { type })]));
}

// The service worker stores the visitor's favorites for reading offline. A worker that is already there is asked
// even if the page has no favorites (signed out, or none left), so that it deletes what it has stored.
async function storeFavorites() {
  const { worker, offline } = document.body.dataset;
  const workers = navigator.serviceWorker;
  const registration = worker ? await workers?.register(worker) : await workers?.getRegistration();
  if (!registration) return;
  const { active } = worker ? await workers.ready : registration;
  active?.postMessage({ type: "follow", page: offline });
}
addEventListener("load", storeFavorites);

// Figures load when they scroll into view; a print needs all of them.
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

// Buttons that need this script are hidden without it.
function showButtons(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
}
showButtons(document);
document.addEventListener("htmx:load", (event) => showButtons(event.target));

// Suggestions under a search box while one types (the combobox pattern of ARIA).
const SHORTEST = 2;
const PAUSE = 150; // milliseconds

class Suggestions {
  constructor(input) {
    this.input = input;
    this.address = input.dataset.suggestions;
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.dataset.suggestionsLabel);
    this.list.hidden = true;
    this.status = document.createElement("span");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    input.after(this.list, this.status);
    for (const [name, value] of [
      ["role", "combobox"],
      ["autocomplete", "off"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", this.list.id],
    ]) input.setAttribute(name, value);
    input.addEventListener("input", () => this.askSoon());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.go(option);
    });
  }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const typed = this.input.value.trim();
    this.request?.abort();
    if (typed.length < SHORTEST) return this.close();
    this.request = new AbortController();
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(typed)}`, { signal: this.request.signal });
      if (answer.ok) this.show(await answer.json());
    } catch {
      // Without suggestions it is a plain search box.
    }
  }

  show({ suggestions, status }) {
    if (document.activeElement !== this.input) return;
    this.list.replaceChildren(...suggestions.map((suggestion, place) => this.option(suggestion, place)));
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.hidden = !suggestions.length;
    this.input.setAttribute("aria-expanded", String(Boolean(suggestions.length)));
    this.status.textContent = status;
  }

  option({ kind, label, url }, place) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${place}`;
    option.dataset.url = url;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = label;
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = kind;
    option.append(name, " ", hint);
    return option;
  }

  key(event) {
    const count = this.list.children.length;
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && !this.list.hidden && this.active >= 0) {
      event.preventDefault();
      this.go(this.list.children[this.active]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.list.hidden) {
      event.preventDefault();
      // A late answer must not replace the list while the user chooses from it.
      this.stopAsking();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // The box itself is one more place, before the first option.
      this.select(((this.active + 1 + step + count + 1) % (count + 1)) - 1);
    }
  }

  select(place) {
    this.active = place;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    const option = this.list.children[place];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  go(option) {
    location.assign(option.dataset.url);
  }

  stopAsking() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  close() {
    this.stopAsking();
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

for (const input of document.querySelectorAll("input[data-suggestions]")) new Suggestions(input);
