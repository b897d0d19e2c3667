// Lists what the service worker keeps in this browser.
"use strict";

async function showKept() {
  const list = document.getElementById("kept");
  document.getElementById("kept-offline").hidden = navigator.onLine;
  if (!("caches" in window) || !(await caches.has("favorites"))) return;
  const cache = await caches.open("favorites");
  const named = await cache.match(list.dataset.list, { ignoreVary: true });
  const { abstracts } = named ? await named.json() : { abstracts: [] };
  for (const { url, label, meeting } of abstracts) {
    if (!(await cache.match(url, { ignoreVary: true }))) continue;
    const link = document.createElement("a");
    link.href = url;
    link.textContent = label;
    const from = document.createElement("span");
    from.className = "when";
    from.textContent = meeting;
    const item = document.createElement("li");
    item.append(link, " ", from);
    list.append(item);
  }
  document.getElementById("kept-none").hidden = list.children.length > 0;
}

showKept();
