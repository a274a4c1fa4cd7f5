/* Bars over the tables of reports. The table holds every value; this only draws them. */
"use strict";
(() => {
  const AXIS = 84; // px, for the figures at the left
  const pen = document.createElement("canvas").getContext("2d");
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const token = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  const numbers = (text) => text.split("|").map((one) => one === "" ? null : Number(one));
  const digits = (currency) => { try { return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits; } catch { return 2; } };
  function draw(place) {
    const { cats, values, before, currency } = place.dataset, names = cats.split("|");
    const scale = 10 ** digits(currency), format = (n) => n == null ? "" : (n / scale).toLocaleString("en", { maximumFractionDigits: 0 });
    const data = [names.map((_, n) => n), numbers(values)], font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: token("ink-2"), font, grid: { stroke: token("line"), width: 1 }, ticks: { show: false } };
    // As many names as fit beside each other; the others are told under the pointer.
    pen.font = font;
    const widest = Math.max(...names.map((one) => pen.measureText(one).width)) + 12;
    const step = Math.max(1, Math.ceil(widest * names.length / (place.clientWidth - AXIS)));
    const shown = names.map((_, n) => n).filter((n) => n % step === 0);
    const series = [{}, { stroke: token("accent"), fill: token("accent"), width: 0, paths: uPlot.paths.bars({ size: [.5, 56] }), points: { show: false } }];
    if (before) { data.push(numbers(before)); series.push({ stroke: token("ink-3"), width: 1.5, dash: [4, 3], points: { show: true, size: 5 } }); }
    const out = place.closest("figure").querySelector("[data-readout]");
    place.plot?.destroy();
    place.plot = new uPlot({
      width: place.clientWidth, height: place.clientHeight, legend: { show: false }, cursor: { y: false }, padding: [6, 10, 0, 0], series,
      scales: { x: { time: false, range: [-.5, names.length - .5] }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
      axes: [{ ...axis, grid: { show: false }, size: 26, gap: 4, splits: () => shown, values: (_, at) => at.map((n) => names[n] ?? "") }, { ...axis, size: AXIS, values: (_, at) => at.map(format) }],
      hooks: { setCursor: [(u) => { const n = u.cursor.idx; if (out) out.textContent = n == null ? "" : `${names[n]}  ${u.data.slice(1).map((one) => format(one[n])).join(" · ")}`; }] },
    }, data, place);
  }
  const all = () => { if (window.uPlot) document.querySelectorAll("[data-chart]").forEach(draw); };
  all();
  document.addEventListener("pointsman:included", all);
  let wide = innerWidth;
  addEventListener("resize", () => { if (wide !== innerWidth) { wide = innerWidth; all(); } });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  new MutationObserver(all).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
