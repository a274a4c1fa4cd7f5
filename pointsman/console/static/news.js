/* "n new": payments that came since a page was made wait behind a bar; nothing jumps by itself. */
"use strict";
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
