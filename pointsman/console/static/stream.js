/* One connection to the live stream for all tabs of a browser; every tab is told the same. */
"use strict";
(() => {
  const heard = [];
  const tellAll = (message) => heard.forEach((listener) => listener(message));
  // Who looks at one merchant or outlet hears of that alone.
  const { scopeMid = "", scopeOutlet = "" } = document.documentElement.dataset, name = `pointsman-live ${scopeMid} ${scopeOutlet}`;
  const within = scopeMid ? `&mid=${scopeMid}${scopeOutlet ? `&outlet=${scopeOutlet}` : ""}` : "";
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event) => tellAll(event.data);
  const tell = (message) => { channel.postMessage(message); tellAll(message); };
  const lead = () => new Promise(() => {
    const source = new EventSource(`/v1/stream?topics=payments${within}`);
    source.onopen = () => tell({ kind: "state", text: "connected" });
    source.onerror = () => tell({ kind: "state", text: "reconnecting" });
    source.addEventListener("payment", (event) => tell({ kind: "payment", data: event.data }));
    for (const name of ["reset", "lagged"]) source.addEventListener(name, () => tell({ kind: "lost" }));
  });
  let begun = false;
  // A listener gets {kind: state|payment|lost}; the connection begins with the first listener.
  window.pointsmanStream = (listener) => {
    heard.push(listener);
    if (begun || !window.EventSource) return;
    begun = true;
    // One tab holds the lock and the connection; when it closes, another takes both over.
    if (navigator.locks) navigator.locks.request(name, lead); else lead();
  };
})();
