/* "n new": what came since a page was made waits behind a bar; nothing jumps by itself. */
"use strict";
/* A list asks how many rows are newer than its page, while it is looked at. That is nobody's asking:
   it keeps no session from ending. */
(() => {
  const bar = document.querySelector("[data-newer]"), ASK_MS = 20_000;
  if (!bar) return;
  const wanted = new URLSearchParams(location.search), [field, since] = [bar.dataset.newerSince.slice(0, bar.dataset.newerSince.indexOf("=")), bar.dataset.newerSince.slice(bar.dataset.newerSince.indexOf("=") + 1)];
  wanted.delete("sort"); wanted.set(field, since); wanted.set("limit", "1"); wanted.set("include", "total");
  async function ask() {
    if (document.hidden) return;
    const answer = await fetch(`${bar.dataset.newer}?${wanted}`, { headers: { "x-unattended": "1" } }).catch(() => null);
    if (!answer?.ok) return;
    const { count } = (await answer.json()).total;
    bar.hidden = count === 0;
    bar.textContent = bar.dataset.newerWords.replace("{count}", count.toLocaleString());
  }
  setInterval(ask, ASK_MS);
  document.addEventListener("visibilitychange", ask);
})();
(() => {
  const part = () => document.querySelector("[data-news]");
  if (!part() || !window.pointsmanStream) return;
  const COUNTED_MAX = 999;
  let fresh = new Set();
  const bar = () => part().querySelector("[data-news-bar]");
  function show() {
    const place = bar(), count = fresh.size >= COUNTED_MAX ? `${COUNTED_MAX}+` : String(fresh.size);
    place.hidden = fresh.size === 0;
    place.textContent = part().dataset.newsWords.replace("{count}", count);
  }
  async function renew() {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) { location.reload(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html"), found = page.getElementById(part().id);
    if (!found) { location.reload(); return; }
    fresh = new Set();
    part().replaceWith(document.adoptNode(found));
    document.dispatchEvent(new CustomEvent("pointsman:renewed"));
    part().setAttribute("tabindex", "-1"); part().focus();
  }
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-news-bar]")) renew(); });
  window.pointsmanStream((message) => {
    if (message.kind !== "payment") return;
    const { id } = JSON.parse(message.data);
    if (part().querySelector(`[data-id="${CSS.escape(id)}"]`) || fresh.size >= COUNTED_MAX) return;
    fresh.add(id);
    show();
  });
})();
