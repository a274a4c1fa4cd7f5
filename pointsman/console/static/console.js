/* Theme, copy and single-letter keys. Everything works without it but these. */
"use strict";
(() => {
  const root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const toast = (text) => {
    const box = document.querySelector(".toasts"), one = document.createElement("div"), bold = document.createElement("b");
    if (!box) return;
    one.className = "toast ok"; bold.textContent = text; one.append(bold); box.append(one);
    setTimeout(() => one.remove(), 5000);
  };
  document.addEventListener("click", (event) => {
    const at = (query) => event.target.closest?.(query);
    let found;
    if (at("[data-theme-toggle]")) {
      root.dataset.theme = dark() ? "light" : "dark";
      document.cookie = `pointsman_theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    } else if ((found = at("[data-copy]"))) { navigator.clipboard?.writeText(found.dataset.copy); toast(found.dataset.copy); }
    else if (at("[data-print]")) print();
    else if ((found = at("[data-theme-set]"))) {
      const wanted = found.dataset.themeSet;
      if (wanted) root.dataset.theme = wanted; else delete root.dataset.theme;
      document.cookie = `pointsman_theme=${wanted};path=/;max-age=${wanted ? 31536000 : 0};samesite=lax`;
      for (const one of document.querySelectorAll("[data-theme-set]")) one.setAttribute("aria-pressed", one === found);
    } else if (at("[data-open-keys]")) keys?.showModal();
  });
  // A part of another page, fetched after this one stands: what is slow never holds up the rest.
  async function include(place) {
    try {
      const answer = await fetch(place.dataset.include);
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = [...page.querySelectorAll(place.dataset.pick)].map((one) => document.adoptNode(one));
      if (found.length) place.replaceChildren(...found); else place.replaceChildren(...page.querySelectorAll(".empty"));
      place.querySelectorAll("[popovertarget]").forEach((one) => one.remove());
      document.dispatchEvent(new CustomEvent("pointsman:included"));
    } catch { place.textContent = `— ${place.dataset.failed}`; }
  }
  // A period and two days: what was chosen last is what is meant.
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form"), period = form?.querySelector("select[name=period]"), days = form?.querySelectorAll("input[name=from], input[name=to]");
    if (!period) return;
    if (event.target === period && period.value) for (const day of days) day.value = "";
    else if ([...days].includes(event.target)) period.value = "";
  });
  const includeAll = () => document.querySelectorAll("[data-include]").forEach(include);
  includeAll();
  document.addEventListener("pointsman:renewed", includeAll);
  const go = { o: "/", t: "/payments", l: "/live", m: "/merchants", d: "/terminals", s: "/settlement", r: "/reports" };
  const palette = document.getElementById("palette"), keys = document.getElementById("keys"), typed = document.getElementById("go");
  const found = () => [...palette.querySelectorAll("li:not([hidden]) a")];
  typed?.addEventListener("input", () => {
    const wanted = typed.value.trim().toLowerCase();
    for (const one of palette.querySelectorAll("li")) one.hidden = !one.textContent.toLowerCase().includes(wanted);
  });
  typed?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && typed.value.trim() && found().length) { event.preventDefault(); found()[0].click(); }
    else if (event.key === "ArrowDown") { event.preventDefault(); found()[0]?.focus(); }
  });
  palette?.addEventListener("keydown", (event) => {
    const all = found(), at = all.indexOf(document.activeElement);
    if (at >= 0 && event.key === "ArrowDown") { event.preventDefault(); all[Math.min(at + 1, all.length - 1)].focus(); }
    else if (at >= 0 && event.key === "ArrowUp") { event.preventDefault(); (all[at - 1] ?? typed).focus(); }
  });
  const offs = [...document.querySelectorAll("[data-keys-off], [data-keys-off-too]")], off = keys?.querySelector("[data-keys-off]");
  for (const one of offs) {
    one.checked = localStorage.getItem("keys") === "off";
    one.addEventListener("change", () => { localStorage.setItem("keys", one.checked ? "off" : "on"); for (const other of offs) other.checked = one.checked; });
  }
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) { event.preventDefault(); palette.showModal(); typed.select(); }
  });
  let g = false;
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input,textarea,select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?" && keys) { keys.showModal(); return; }
    if (off?.checked) return;
    if (g && go[event.key]) { location.href = go[event.key]; return; }
    g = event.key === "g";
    const rows = [...document.querySelectorAll("tr[data-row]")], at = rows.indexOf(document.activeElement);
    if (event.key === "/") { event.preventDefault(); (document.getElementById("q") || document.getElementById("find"))?.focus(); }
    else if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "c" && at >= 0) { const id = rows[at].querySelector("a")?.getAttribute("href")?.split("/").pop(); if (id) { navigator.clipboard?.writeText(id); toast(id); } }
    else if (event.key === "f") { const first = document.querySelector(".filterrow select, .filterrow input:not([type=hidden])"); if (first) { event.preventDefault(); first.focus(); } }
    else if (event.key === "Enter" && at >= 0) rows[at].querySelector("a")?.click();
  });
})();
