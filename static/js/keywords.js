// Filters the keyword index while one types. Without this file the form asks the server, and the letters work.
"use strict";

const box = document.getElementById("keyword-filter");
const shown = document.getElementById("index-lines");
const others = document.getElementById("keyword-others");
const none = document.getElementById("keyword-none");

// As the server folds its keys: no accents, no capitals, punctuation as space.
const fold = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/['’]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();

const items = (list) =>
  list ? [...list.children].map((item) => ({ item, key: fold(item.querySelector("a").textContent) })) : [];

if (box && shown) {
  const [here, elsewhere] = [items(shown), items(others)];
  const loadedWith = fold(box.value);
  box.addEventListener("input", () => {
    const words = fold(box.value);
    const all = words === "" || words === loadedWith;
    let count = 0;
    for (const { item, key } of here) count += !(item.hidden = !all && !key.includes(words));
    for (const { item, key } of elsewhere) count += !(item.hidden = all || !key.includes(words));
    if (others) others.hidden = all;
    none.hidden = count > 0;
  });
}
