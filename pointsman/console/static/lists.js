/* What every list can do beside its filters: columns, density, peek, selection, saved views.
   Columns, density and the row that is peeked at are in the address after the #, so they can be
   handed on and saved; the filters before it are the server's. */
"use strict";
(() => {
  const list = document.getElementById("list"), table = list?.querySelector("table.t");
  const tools = document.querySelector("[data-list-tools]");
  if (!list || !table) return;
  const state = new URLSearchParams(location.hash.slice(1));
  const heads = () => [...table.querySelectorAll("thead th")].filter((one) => !one.classList.contains("w1"));
  const rows = () => [...table.querySelectorAll("tbody tr[data-row]")];
  const keep = () => {
    const text = state.toString();
    history.replaceState(null, "", location.pathname + location.search + (text ? `#${text}` : ""));
    carry();
  };
  // The next page of the list, and the same in another order, look the same.
  const carry = () => {
    const looks = new URLSearchParams(state);
    looks.delete("peek");
    for (const one of document.querySelectorAll(".pager a, thead th a")) one.hash = looks.toString();
  };

  /* columns and density */
  const name = (head) => head.textContent.trim();
  // "off" names the columns that are left out, "-" none; without it those that one has to choose.
  const usual = heads().filter((head) => head.classList.contains("more")).map(name).join("|");
  const offs = () => new Set((state.get("off") ?? usual).split("|").filter(Boolean));
  for (const one of table.querySelectorAll(".more")) one.classList.remove("more");
  function showColumns() {
    const off = offs(), shift = table.querySelector("thead th.w1") ? 1 : 0;
    heads().forEach((head, n) => {
      const hidden = off.has(name(head));
      head.hidden = hidden;
      for (const row of table.querySelectorAll("tbody tr, tfoot tr")) if (row.cells.length > n + shift) row.cells[n + shift].hidden = hidden;
    });
  }
  function showDensity() {
    const wanted = state.get("density");
    if (wanted === "dense" || wanted === "comfortable") list.dataset.density = wanted;
    for (const one of document.querySelectorAll("[data-density-set]")) one.setAttribute("aria-pressed", one.dataset.densitySet === list.dataset.density);
  }
  const box = document.querySelector("[data-columns]");
  if (tools && box) {
    tools.hidden = false;
    heads().forEach((head, n) => {
      const label = document.createElement("label"), tick = document.createElement("input");
      label.className = "check"; tick.type = "checkbox"; tick.disabled = n === 0;
      tick.checked = !offs().has(name(head));
      tick.addEventListener("change", () => {
        const off = [...box.querySelectorAll("input")].map((one, at) => one.checked ? "" : name(heads()[at])).filter(Boolean);
        if (off.join("|") === usual) state.delete("off"); else state.set("off", off.join("|") || "-");
        keep(); showColumns();
      });
      label.append(tick, ` ${name(head)}`); box.append(label);
    });
  }
  document.addEventListener("click", (event) => {
    const set = event.target.closest?.("[data-density-set]");
    if (set) { state.set("density", set.dataset.densitySet); keep(); showDensity(); }
  });

  /* selection */
  const bulk = document.querySelector("[data-bulk]"), picked = new Set();
  function showPicked() {
    for (const row of rows()) {
      const on = picked.has(row.dataset.id), tick = row.querySelector("[data-pick]");
      if (on) row.setAttribute("aria-selected", "true"); else row.removeAttribute("aria-selected");
      if (tick) tick.checked = on;
    }
    const all = table.querySelector("[data-pick-page]");
    if (all) { all.checked = picked.size > 0 && picked.size === rows().length; all.indeterminate = picked.size > 0 && !all.checked; }
    bulk.hidden = picked.size === 0;
    bulk.querySelector("[data-bulk-count]").textContent = bulk.dataset.count.replace("{count}", picked.size);
    for (const field of bulk.querySelectorAll("[data-picks]")) field.value = [...picked].join(",");
    for (const place of bulk.querySelectorAll("[data-match]")) { place.hidden = picked.size < rows().length || !document.querySelector(".pager a[rel=next]"); if (!place.hidden) match(place); }
  }
  /* all that match, beyond this page: counted by the API, and for acts picked by its pages */
  const PICKS_MAX = 500, filters = () => { const found = new URLSearchParams(location.search); for (const name of ["after", "before", "limit", "sort"]) found.delete(name); return found; };
  async function match(place) {
    const words = place.querySelector("[data-match-count]");
    if (!words || words.textContent) return;
    const wanted = filters(); wanted.set("limit", "1"); wanted.set("include", "total");
    const answer = await fetch(`/v1/${place.dataset.matchList}?${wanted}`);
    if (!answer.ok) return;
    const { total } = await answer.json();
    words.textContent = place.dataset.matchWords.replace("{count}", `${total.exact ? "" : "≥ "}${total.count.toLocaleString()}`);
  }
  async function pickAll(place) {
    const wanted = filters(); wanted.set("limit", String(PICKS_MAX));
    const answer = await fetch(`/v1/${place.dataset.matchList}?${wanted}`);
    if (!answer.ok) return;
    for (const one of (await answer.json()).data) picked.add(`${one.mid}/${one.tid}`);
    showPicked();
  }
  const toggle = (row) => { const id = row.dataset.id; if (!id) return; if (!picked.delete(id)) picked.add(id); showPicked(); };
  if (bulk) {
    const tick = (label, mark) => { const one = document.createElement("input"); one.type = "checkbox"; one.setAttribute("aria-label", label); one.dataset[mark] = ""; return one; };
    const head = document.createElement("th"); head.className = "w1 no-print"; head.scope = "col"; head.append(tick(bulk.dataset.page, "pickPage"));
    table.querySelector("thead tr").prepend(head);
    for (const row of table.querySelectorAll("tbody tr")) {
      const cell = document.createElement("td"); cell.className = "w1 no-print";
      if (row.dataset.id) cell.append(tick(`${bulk.dataset.select} ${row.dataset.id}`, "pick"));
      row.prepend(cell);
    }
    table.addEventListener("change", (event) => {
      if (event.target.matches("[data-pick]")) toggle(event.target.closest("tr"));
      else if (event.target.matches("[data-pick-page]")) { const on = event.target.checked; for (const row of rows()) if (row.dataset.id) { if (on) picked.add(row.dataset.id); else picked.delete(row.dataset.id); } showPicked(); }
    });
    bulk.addEventListener("click", (event) => {
      if (event.target.closest("[data-bulk-clear]")) { picked.clear(); showPicked(); }
      else if (event.target.closest("[data-match-pick]")) pickAll(event.target.closest("[data-match-pick]"));
      else if (event.target.closest("[data-bulk-copy]")) navigator.clipboard?.writeText([...picked].join("\n"));
    });
  }

  /* peek: the facts of a row's page beside the list */
  let peek = null, asked = 0;
  function closePeek() {
    if (!peek) return;
    peek.remove(); peek = null; list.parentElement.classList.add("no-peek");
    state.delete("peek"); keep();
    for (const row of rows()) row.classList.remove("is-peeked");
  }
  async function openPeek(row) {
    const link = row.querySelector("td:not(.w1) a, th a"), frame = document.querySelector("[data-peek-frame]");
    if (!link || !frame) return;
    if (!list.parentElement.classList.contains("split")) {
      const split = document.createElement("div"); split.className = "split";
      list.replaceWith(split); split.append(list);
    }
    list.parentElement.classList.remove("no-peek");
    if (!peek) { peek = frame.content.firstElementChild.cloneNode(true); list.parentElement.append(peek); }
    for (const one of rows()) one.classList.toggle("is-peeked", one === row);
    const path = new URL(link.href).pathname, turn = ++asked, body = peek.querySelector(".body");
    peek.querySelector("[data-peek-open]").href = path;
    state.set("peek", path); keep();
    try {
      const answer = await fetch(path);
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== asked || !peek) return;
      body.replaceChildren(...[...page.querySelectorAll("[data-peek]")].map((one) => document.adoptNode(one)));
      for (const one of body.querySelectorAll("[id]")) one.removeAttribute("id");
      for (const one of body.querySelectorAll("form, [popovertarget]")) one.remove();
    } catch { if (peek) body.textContent = peek.dataset.failed; }
  }
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-peek-close]")) closePeek(); });

  /* keys of a list; console.js has those of every page */
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("input,textarea,select,button,a") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || localStorage.getItem("keys") === "off") return;
    const row = document.activeElement?.closest?.("tr[data-row]");
    if (event.key === "Escape") closePeek();
    else if (!row || !table.contains(row)) return;
    else if (event.key === " ") { event.preventDefault(); if (row.classList.contains("is-peeked")) closePeek(); else openPeek(row); }
    else if (event.key === "x" && bulk) toggle(row);
    else if (peek && (event.key === "j" || event.key === "k")) setTimeout(() => { const now = document.activeElement?.closest("tr[data-row]"); if (now) openPeek(now); });
  });

  /* saved views */
  const views = document.querySelector("[data-views]"), csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";
  const send = (path, body) => fetch(path, { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": csrf() }, body: JSON.stringify(body) });
  const mine = tools?.dataset.listTools;
  async function showViews() {
    const menu = document.getElementById("views"), answer = await fetch(`/v1/views?list=${mine}`);
    if (!answer.ok) return;
    const { data } = await answer.json();
    views.replaceChildren(...data.map((one) => {
      const item = document.createElement("li"), link = document.createElement("a"), remove = document.createElement("button"), at = new URL(one.address, location.href), here = new URLSearchParams(location.search);
      // A view without days keeps the days one looks at.
      for (const day of ["business_date", "period", "from", "to"]) if (here.has(day) && !["business_date", "period", "from", "to"].some((d) => at.searchParams.has(d))) at.searchParams.set(day, here.get(day));
      item.className = "row"; link.href = at.href; link.textContent = one.name;
      remove.type = "button"; remove.className = "btn sm quiet end"; remove.textContent = menu.dataset.remove; remove.setAttribute("aria-label", `${menu.dataset.remove}: ${one.name}`);
      remove.addEventListener("click", async () => { await send("/v1/views:remove", { list: mine, name: one.name }); showViews(); });
      item.append(link, remove); return item;
    }));
    if (!data.length) { const none = document.createElement("li"); none.className = "muted small"; none.textContent = menu.dataset.none; views.append(none); }
  }
  if (views && mine) {
    document.getElementById("views").addEventListener("toggle", (event) => { if (event.newState === "open") showViews(); });
    document.querySelector("[data-view-save]").addEventListener("submit", async (event) => {
      event.preventDefault();
      const field = document.getElementById("view-name"), looks = new URLSearchParams(state);
      looks.delete("peek");
      const text = location.search.slice(1) + (looks.toString() ? `#${looks}` : "");
      const answer = await send("/v1/views:save", { list: mine, name: field.value.trim(), query: text });
      field.setCustomValidity(answer.ok ? "" : (await answer.json()).detail ?? answer.statusText);
      field.reportValidity();
      if (answer.ok) { field.value = ""; showViews(); }
    });
    document.getElementById("view-name").addEventListener("input", (event) => event.target.setCustomValidity(""));
  }

  /* An address of the same list with other looks: only what is after the # changed. */
  addEventListener("hashchange", () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const key of [...state.keys()]) state.delete(key);
    for (const [key, value] of wanted) state.set(key, value);
    showColumns(); showDensity(); carry();
  });
  showColumns(); showDensity(); carry();
  const begun = rows().find((row) => { const link = row.querySelector("td:not(.w1) a, th a"); return link && new URL(link.href).pathname === state.get("peek"); });
  if (begun) openPeek(begun);
})();
