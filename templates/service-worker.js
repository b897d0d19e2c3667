// Keeps the favorites of whoever uses this browser, for reading without a connection; nothing else.
//
// What is kept is what anybody may read: pages are fetched without cookies, and none that says "no-store" is kept. What
// the list of favorites names no longer (not starred, signed out, withdrawn, hidden) or what answers "not found" is
// dropped at the next visit. With a connection, pages always come from the site.
"use strict";

const KEPT = "favorites";
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
    if (answer.status === 404 || answer.status === 410) event.waitUntil(drop(url));
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

// The name under which an address is kept: the same in every language of a page, in every width of a figure.
function name(path) {
  const figure = path.match(/^\/figures\/\d+\//);
  return figure ? figure[0] : path.replace(/^\/[a-z]{2}(?=\/)/, "");
}

async function find(url) {
  const cache = (await caches.has(KEPT)) && (await caches.open(KEPT));
  return cache && cache.match(name(url.pathname), SEARCH);
}

async function drop(url) {
  const cache = (await caches.has(KEPT)) && (await caches.open(KEPT));
  if (cache) await cache.delete(name(url.pathname), SEARCH);
}

let following = Promise.resolve();

// One after the other: two open pages ask at the same time.
function follow(offline) {
  following = following.then(() => followList(offline)).catch(() => {});
  return following;
}

async function followList(offline) {
  const answer = await fetch(LIST, { cache: "no-store", credentials: "same-origin" });
  if (answer.status >= 500) return;
  const list = answer.ok ? await answer.json() : { abstracts: [] };
  if (!list.abstracts.length) {
    await caches.delete(KEPT);
    await registration.unregister();
    return;
  }
  const cache = await caches.open(KEPT);
  const before = await (await cache.match(LIST, SEARCH))?.json();
  const pages = new Map([[OFFLINE, offline || OFFLINE], ...list.abstracts.map(({ url }) => [url, url])]);
  await dropOthers(cache, (path) => path === LIST || PART.test(path) || pages.has(path));
  // From here on the list tells what is wanted, but not yet that all of it is as it is now.
  await keepList(cache, list, "");
  const whole = await keepAll(cache, pages, before?.state === list.state);
  if (whole && (await keepParts(cache))) await keepList(cache, list, list.state);
}

function keepList(cache, list, state) {
  return cache.put(LIST, new Response(JSON.stringify({ ...list, state }), { headers: { "Content-Type": "application/json" } }));
}

async function dropOthers(cache, wanted) {
  for (const request of await cache.keys()) {
    if (!wanted(new URL(request.url).pathname)) await cache.delete(request, SEARCH);
  }
}

// Whether all that was asked for was answered.
async function keepAll(cache, addresses, areCurrent) {
  let whole = true;
  for (const [path, address] of addresses) {
    if (areCurrent && (await cache.match(path, SEARCH))) continue;
    whole = (await keep(cache, path, address)) && whole;
  }
  return whole;
}

async function keep(cache, path, address) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  } catch {
    return false;
  }
  const mayBeKept = answer.ok && !answer.redirected && !/no-store/.test(answer.headers.get("Cache-Control"));
  if (mayBeKept) await cache.put(path, answer);
  else if (answer.status < 500) await cache.delete(path, SEARCH);
  return answer.status < 500;
}

// Styles, scripts and figures of the pages that are kept, and no others.
async function keepParts(cache) {
  const parts = new Map();
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (path === LIST || PART.test(path)) continue;
    const text = await (await cache.match(request, SEARCH)).text();
    for (const [, figure, file] of text.matchAll(PARTS)) parts.set(name(figure || file), figure || file);
  }
  await dropOthers(cache, (path) => !PART.test(path) || parts.has(path));
  return keepAll(cache, parts, true);
}
