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
  });
  const go = { o: "/", t: "/payments", m: "/merchants", d: "/terminals", s: "/settlement" };
  let g = false;
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input,textarea,select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (g && go[event.key]) { location.href = go[event.key]; return; }
    g = event.key === "g";
    const rows = [...document.querySelectorAll("tr[data-row]")], at = rows.indexOf(document.activeElement);
    if (event.key === "/") { event.preventDefault(); (document.getElementById("q") || document.getElementById("find"))?.focus(); }
    else if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "Enter" && at >= 0) rows[at].querySelector("a")?.click();
  });
})();
