/* The live stream's page: rows in step with what stream.js tells. */
"use strict";
(() => {
  const box = document.querySelector("[data-live]"), rows = document.querySelector("[data-live-rows]");
  if (!box || !window.pointsmanStream) return;
  const KEPT = 200, WAITING = 2000, say = (name) => document.querySelector(`[data-live-${name}]`);
  const zone = say("zone").dataset.liveZone, clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const groups = (text) => { const [whole, rest] = text.replace("-", "").split("."); return (text.startsWith("-") ? "−" : "") + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : ""); };
  let paused = false, count = 0, stamps = [], waiting = [];
  const cell = (text, name) => { const td = document.createElement("td"); td.textContent = text; if (name) td.className = name; return td; };
  const named = (kind, name) => document.querySelector(`template[data-${kind}="${CSS.escape(name)}"]`)?.content.cloneNode(true) ?? document.createTextNode(name);
  const wanted = (one) => [...document.querySelectorAll("[data-live-filter]")].every((field) => !field.value || one[field.dataset.liveFilter] === field.value);
  function row(one) {
    const tr = document.createElement("tr"), at = cell("", "nowrap"), link = document.createElement("a"), state = cell(""), kind = cell(""), amount = cell("", "num"), code = document.createElement("span");
    tr.dataset.id = one.id; tr.dataset.row = ""; tr.tabIndex = 0;
    link.href = `/payments/${one.id}`; link.textContent = clock.format(new Date(one.created)); at.append(link);
    state.append(named("state", one.state)); kind.append(named("kind", one.kind));
    code.className = "cur"; code.textContent = one.amount.currency; amount.append(code, groups(one.amount.text));
    if (one.state === "unknown" || one.state === "reversing") tr.className = "is-warn";
    const merchant = cell(""), clip = document.createElement("span"); clip.className = "clip"; clip.textContent = one.merchant.name || one.merchant.mid; merchant.append(clip);
    tr.append(at, state, kind, amount, cell(one.card?.masked ?? "—", "mono"), merchant, cell(one.terminal, "p-low mono"), cell(one.acquirer || "—"), cell(one.response_code || "—", "mono"));
    return tr;
  }
  function show(one) {
    const old = rows.querySelector(`[data-id="${CSS.escape(one.id)}"]`);
    if (!wanted(one)) { old?.remove(); return; }
    if (old) old.replaceWith(row(one)); else rows.prepend(row(one));
    while (rows.children.length > KEPT) rows.lastElementChild.remove();
  }
  const note = (text) => { const place = say("note"); place.hidden = !text; place.textContent = text; };
  function take(message) {
    if (message.kind === "state") { say("state").textContent = paused ? box.dataset.paused : box.dataset[message.text]; return; }
    if (message.kind === "lost") { note(box.dataset.lost); return; }
    const one = JSON.parse(message.data);
    count += 1; stamps.push(Date.now());
    say("count").textContent = count;
    if (!paused) show(one); else { waiting.push(one); if (waiting.length > WAITING) { waiting.shift(); note(box.dataset.lost); } }
  }
  setInterval(() => { const since = Date.now() - 5000; stamps = stamps.filter((at) => at > since); say("rate").textContent = (stamps.length / 5).toFixed(1); }, 1000);
  say("pause").addEventListener("click", (event) => {
    paused = !paused;
    event.target.setAttribute("aria-pressed", paused); event.target.textContent = paused ? box.dataset.goOn : box.dataset.pause;
    say("state").textContent = paused ? box.dataset.paused : box.dataset.connected;
    if (!paused) { waiting.forEach(show); waiting = []; }
  });
  window.pointsmanStream(take);
  say("state").textContent = box.dataset.connected;
})();
