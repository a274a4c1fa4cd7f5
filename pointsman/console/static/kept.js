/* Nothing filled in is lost: drafts of forms, and a word before the session ends. */
"use strict";
(() => {
  const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";
  const SAVED_MS = 800, SECRET = new Set(["csrf", "once", "code", "password", "old", "new", "transport_key", "act"]);
  async function begin(form) {
    const path = `/v1/drafts/${form.dataset.draft}`;
    const fields = () => [...form.elements].filter((one) => one.name && !SECRET.has(one.name) && one.type !== "hidden" && one.type !== "password");
    const usual = new Map(fields().map((one) => [one.name, one.value]));
    const note = document.querySelector(`[data-draft-note="${form.dataset.draft}"]`);
    let turn = 0;
    const save = () => {
      const kept = {};
      for (const one of fields()) if (one.value && one.value !== usual.get(one.name)) kept[one.name] = one.value;
      return fetch(`${path}:save`, { method: "POST", keepalive: true, headers: { "content-type": "application/json", "x-csrf-token": csrf() }, body: JSON.stringify({ fields: kept }) });
    };
    form.addEventListener("input", () => { clearTimeout(turn); turn = setTimeout(save, SAVED_MS); });
    form.addEventListener("submit", () => clearTimeout(turn));
    if (note) note.querySelector("[data-draft-forget]").addEventListener("click", async () => { for (const one of fields()) one.value = usual.get(one.name); await save(); note.hidden = true; });
    // What the server shows again after a mistake is newer than the draft.
    if (form.querySelector("[aria-invalid=true]")) return;
    const answer = await fetch(path);
    if (!answer.ok) return;
    const found = (await answer.json()).fields;
    for (const one of fields()) if (found[one.name] !== undefined) one.value = found[one.name];
    if (note) note.hidden = Object.keys(found).length === 0;
  }
  document.querySelectorAll("form[data-draft]").forEach(begin);

  /* 15 minutes without a request end a session; at 14 one is asked. Other tabs' requests count. */
  const idle = document.getElementById("idle");
  if (!idle) return;
  const WARN_MS = 14 * 60_000, END_MS = 15 * 60_000, channel = new BroadcastChannel("pointsman-idle");
  let since = Date.now();
  const active = () => { since = Date.now(); if (idle.open) idle.close(); };
  channel.onmessage = active;
  channel.postMessage("loaded");
  const plain = window.fetch;
  window.fetch = async (...all) => {
    const answer = await plain(...all);
    if (answer.ok && !all[1]?.headers?.["x-unattended"]) { active(); channel.postMessage("asked"); }
    return answer;
  };
  idle.querySelector("[data-idle-stay]").addEventListener("click", async () => { const answer = await fetch("/v1/me"); if (!answer.ok) location.reload(); });
  setInterval(() => {
    const left = END_MS - (Date.now() - since), text = idle.querySelector("[data-idle-text]");
    if (left > END_MS - WARN_MS) return;
    if (!idle.open) idle.showModal();
    text.textContent = left > 0 ? idle.dataset.idle.replace("{seconds}", Math.ceil(left / 1000)) : idle.dataset.over;
    idle.querySelector("[data-idle-stay]").hidden = left <= 0;
  }, 1000);
})();
