// Lists the favorites that the service worker has stored in this browser.
"use strict";

async function showStored() {
  const list = document.getElementById("kept");
  document.getElementById("kept-offline").hidden = navigator.onLine;
  if (!("caches" in window) || !(await caches.has("favorites"))) return;
  const cache = await caches.open("favorites");
  const answer = await cache.match(list.dataset.list, { ignoreVary: true });
  const { abstracts } = answer ? await answer.json() : { abstracts: [] };
  for (const { url, label, meeting } of abstracts) {
    if (!(await cache.match(url, { ignoreVary: true }))) continue;
    const link = document.createElement("a");
    link.href = url;
    link.textContent = label;
    const source = document.createElement("span");
    source.className = "when";
    source.textContent = meeting;
    const item = document.createElement("li");
    item.append(link, " ", source);
    list.append(item);
  }
  document.getElementById("kept-none").hidden = list.children.length > 0;
}

showStored();
