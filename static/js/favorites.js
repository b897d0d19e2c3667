// Organizing a list: drag items, and check all. Without this file the fields of each item do the same.
"use strict";

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-drag]");
  if (handle && event.button === 0) drag(handle, event);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-check-all]")) return;
  const boxes = [...document.querySelectorAll('input[form="checked"]')];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});

function drag(handle, start) {
  const row = handle.closest("li");
  const list = row.parentElement;
  const first = Number(list.querySelector('input[name="position"]').value);
  const home = row.nextElementSibling;
  const stop = new AbortController();
  const listen = (name, then) => list.addEventListener(name, then, { signal: stop.signal });
  list.setPointerCapture(start.pointerId);
  row.classList.add("dragged");
  listen("pointermove", (event) => {
    const others = [...list.children].filter((other) => other !== row);
    const after = others.find((other) => event.clientY < middle(other));
    list.insertBefore(row, after ?? null);
  });
  listen("pointerup", () => {
    end();
    if (row.nextElementSibling === home) return;
    const form = row.querySelector("form.place");
    form.elements.position.value = first + [...list.children].indexOf(row);
    form.requestSubmit();
  });
  listen("pointercancel", cancel);
  document.addEventListener("keydown", (event) => event.key === "Escape" && cancel(), { signal: stop.signal });
  start.preventDefault();

  function cancel() {
    list.insertBefore(row, home);
    end();
  }

  function end() {
    stop.abort();
    row.classList.remove("dragged");
  }
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
}

// Parts that need this script are hidden without it, also in HTML that htmx inserts.
function show() {
  for (const part of document.querySelectorAll("[data-drag], [data-check-all]")) part.hidden = false;
}
show();
document.addEventListener("htmx:afterSwap", show);
