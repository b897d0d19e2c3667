// Stores the user's favorites for reading offline, and nothing else.
//
// It stores only what everybody may read: it fetches pages without cookies, and ignores pages with "no-store". At the next
// visit it deletes pages that are no longer in the list of favorites (unstarred, signed out, withdrawn, hidden) or that
// answer 404. With a connection, pages always come from the site.
"use strict";

const CACHE = "favorites";
const LIST = "{% url 'favorites-offline' %}";
const OFFLINE = "{% url 'offline' %}";
const PART = /^\/(?:static|figures)\//;
const PARTS = /\bsrc="(\/figures\/[^"]+)"|\b(?:href|src)="(\/static\/[^"]+)"/g;
const SEARCH = { ignoreVary: true, ignoreSearch: true };

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([registration.navigationPreload?.enable(), clients.claim()]));
});

addEventListener("message", (event) => {
  if (event.data?.type === "follow") event.waitUntil(follow(event.data.page));
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event, url));
  else if (PART.test(url.pathname)) event.respondWith(part(event.request, url));
});

async function page(event, url) {
  try {
    const answer = (await event.preloadResponse) || (await fetch(event.request));
    if (answer.status === 404 || answer.status === 410) event.waitUntil(remove(url));
    return answer;
  } catch {
    return (await find(url)) || (await find(new URL(OFFLINE, location))) || Response.error();
  }
}

async function part(request, url) {
  try {
    return await fetch(request);
  } catch {
    return (await find(url)) || Response.error();
  }
}

// The name under which a page is stored: the same for all its languages, and for all widths of a figure.
function name(path) {
  const figure = path.match(/^\/figures\/[0-9a-f]{16}\//);
  return figure ? figure[0] : path.replace(/^\/[a-z]{2}(?=\/)/, "");
}

async function find(url) {
  const cache = (await caches.has(CACHE)) && (await caches.open(CACHE));
  return cache && cache.match(name(url.pathname), SEARCH);
}

async function remove(url) {
  const cache = (await caches.has(CACHE)) && (await caches.open(CACHE));
  if (cache) await cache.delete(name(url.pathname), SEARCH);
}

let following = Promise.resolve();

// One update at a time: two open pages may ask at once.
function follow(offline) {
  following = following.then(() => followList(offline)).catch(() => {});
  return following;
}

async function followList(offline) {
  const answer = await fetch(LIST, { cache: "no-store", credentials: "same-origin" });
  if (answer.status >= 500) return;
  const list = answer.ok ? await answer.json() : { abstracts: [] };
  if (!list.abstracts.length) {
    await caches.delete(CACHE);
    await registration.unregister();
    return;
  }
  const cache = await caches.open(CACHE);
  const before = await (await cache.match(LIST, SEARCH))?.json();
  const pages = new Map([[OFFLINE, offline || OFFLINE], ...list.abstracts.map(({ url }) => [url, url])]);
  await deleteOthers(cache, (path) => path === LIST || PART.test(path) || pages.has(path));
  // The list is stored without its state until all its pages are stored.
  await storeList(cache, list, "");
  const whole = await storeAll(cache, pages, before?.state === list.state);
  if (whole && (await storeParts(cache))) await storeList(cache, list, list.state);
}

function storeList(cache, list, state) {
  return cache.put(LIST, new Response(JSON.stringify({ ...list, state }), { headers: { "Content-Type": "application/json" } }));
}

async function deleteOthers(cache, wanted) {
  for (const request of await cache.keys()) {
    if (!wanted(new URL(request.url).pathname)) await cache.delete(request, SEARCH);
  }
}

// Whether the site answered for every address.
async function storeAll(cache, addresses, areCurrent) {
  let whole = true;
  for (const [path, address] of addresses) {
    if (areCurrent && (await cache.match(path, SEARCH))) continue;
    whole = (await store(cache, path, address)) && whole;
  }
  return whole;
}

async function store(cache, path, address) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  } catch {
    return false;
  }
  const mayBeStored = answer.ok && !answer.redirected && !/no-store/.test(answer.headers.get("Cache-Control"));
  if (mayBeStored) await cache.put(path, answer);
  else if (answer.status < 500) await cache.delete(path, SEARCH);
  return answer.status < 500;
}

// The styles, scripts and figures of the stored pages, and no others.
async function storeParts(cache) {
  const parts = new Map();
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (path === LIST || PART.test(path)) continue;
    const text = await (await cache.match(request, SEARCH)).text();
    for (const [, figure, file] of text.matchAll(PARTS)) parts.set(name(figure || file), figure || file);
  }
  await deleteOthers(cache, (path) => !PART.test(path) || parts.has(path));
  return storeAll(cache, parts, true);
}
