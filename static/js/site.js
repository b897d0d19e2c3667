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
  const said = button.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.write([new ClipboardItem(copied(source, "rich" in button.dataset))]);
    if (said) said.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(source);
    if (said) said.textContent = button.dataset.selected;
  }
}

function copied(source, rich) {
  const text = source.dataset.plain ?? source.textContent.replace(/\s+/g, " ").trim();
  const types = { "text/plain": text, ...(rich && { "text/html": source.innerHTML.trim() }) };
  return Object.fromEntries(Object.entries(types).map(([type, words]) => [type, new Blob([words], { type })]));
}

// Favorites are kept for reading without a connection, in the browsers of visitors who have some. Who has none any
// more, or signed out, is asked too: the worker then drops what it kept.
async function keepFavorites() {
  const { worker, offline } = document.body.dataset;
  const workers = navigator.serviceWorker;
  const registration = worker ? await workers?.register(worker) : await workers?.getRegistration();
  if (!registration) return;
  const { active } = worker ? await workers.ready : registration;
  active?.postMessage({ type: "follow", page: offline });
}
addEventListener("load", keepFavorites);

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
function showButtons(within) {
  for (const button of within.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
}
showButtons(document);
document.addEventListener("htmx:load", (event) => showButtons(event.target));

// Suggestions under a search box as one types (combobox pattern). Without them the box is a plain search box.
const SHORTEST = 2;
const PAUSE = 150;

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
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.go(option);
    });
  }

  later() {
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
      // The box works without.
    }
  }

  show({ suggestions: found, told }) {
    if (document.activeElement !== this.input) return;
    this.list.replaceChildren(...found.map((one, place) => this.option(one, place)));
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(Boolean(found.length)));
    this.status.textContent = told;
  }

  option({ kind, label, url }, place) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${place}`;
    option.dataset.url = url;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = label;
    const what = document.createElement("span");
    what.className = "hint";
    what.textContent = kind;
    option.append(name, " ", what);
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
      // Who chooses, chooses among what is seen: an answer that comes later does not take it away.
      this.askNoMore();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the box itself.
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

  askNoMore() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  close() {
    this.askNoMore();
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

for (const input of document.querySelectorAll("input[data-suggestions]")) new Suggestions(input);
