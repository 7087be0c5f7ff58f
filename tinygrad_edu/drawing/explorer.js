// Steps through the recorded graph, tells the term of an arrow, and computes again when a leaf is changed.
"use strict";
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const part = (name) => $(`${data.prefix}-${name}`);
const sections = [...document.querySelectorAll(".step")];
const pane = document.querySelector(".picture");
const last = data.steps.length - 1;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let current = 0, timer = null;

// ---- stepping

function go(step, tell = true) {
  current = Math.max(0, Math.min(last, step));
  const { title, parts, card } = data.steps[current];
  sections.forEach((section, number) => section.classList.toggle("current", number === current));
  const backward = title.startsWith("Backward");
  document.documentElement.classList.toggle("returning", backward);
  document.querySelector(".told").scrollTop = 0;
  for (const name in data.seen) {
    const element = part(name);
    if (!element) continue;
    element.classList.toggle("later", current > 0 && data.seen[name] > current);
    element.classList.toggle("now", parts.includes(name));
  }
  for (const node of pane.querySelectorAll("g.node")) {
    node.classList.toggle("chosen", card !== "" && node === part(`node-${card}`));
    node.classList.toggle("back", backward);
  }
  $("slider").value = current;
  $("slider").setAttribute("aria-valuetext", title);
  $("count").textContent = `step ${current} of ${last}`;
  $("previous").disabled = $("first").disabled = current === 0;
  $("next").disabled = $("last").disabled = current === last;
  if (tell) $("live").textContent = title;
  if (card) show(part(`node-${card}`));
  hide();
  try {
    if (location.protocol !== "about:") history.replaceState(null, "", current ? `#${current}` : "#");
  } catch { /* a page in a frame has no address of its own */ }
}

function show(element) {
  if (!element) return;
  const inner = element.getBoundingClientRect(), outer = pane.getBoundingClientRect();
  pane.scrollTo({
    left: pane.scrollLeft + inner.left - outer.left - (outer.width - inner.width) / 2,
    top: pane.scrollTop + inner.top - outer.top - (outer.height - inner.height) / 2,
    behavior: calm.matches ? "auto" : "smooth",
  });
}

function play() {
  const running = timer !== null;
  clearInterval(timer);
  timer = null;
  $("play").setAttribute("aria-pressed", String(!running));
  if (running) return;
  if (current === last) go(0);
  timer = setInterval(() => (current === last ? play() : go(current + 1)), 1200);
}

const moves = {
  first: () => go(0), previous: () => go(current - 1), next: () => go(current + 1), last: () => go(last), play,
};
for (const name in moves) $(name).addEventListener("click", moves[name]);
$("slider").addEventListener("input", () => go(Number($("slider").value)));
$("fit").addEventListener("change", () => pane.classList.toggle("fitted", $("fit").checked));
const keys = {
  ArrowRight: moves.next, ArrowDown: moves.next, ArrowLeft: moves.previous, ArrowUp: moves.previous,
  Home: moves.first, End: moves.last, " ": play,
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
  const typing = event.target.matches("input:not([type=range]):not([type=checkbox])");
  const pressing = event.key === " " && event.target.matches("button, input");
  if (!(event.key in keys) || typing || pressing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keys[event.key]();
});

// ---- arrows and cards

const tip = $("tip");

function tell(edge, name) {
  const path = $(`path-${name}`);
  if (!path) return;
  tip.innerHTML = path.innerHTML;
  tip.hidden = false;
  edge.classList.add("told");
  const box = edge.getBoundingClientRect(), room = document.documentElement;
  const left = Math.min(Math.max(8, box.left + box.width / 2 + 12), room.clientWidth - tip.offsetWidth - 8);
  const top = Math.min(Math.max(8, box.top + box.height / 2 - 20), room.clientHeight - tip.offsetHeight - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, top)}px`;
}

function hide() {
  tip.hidden = true;
  for (const edge of pane.querySelectorAll(".told")) edge.classList.remove("told");
}

for (const edge of pane.querySelectorAll("g.edge.backward")) {
  const name = edge.id.slice(`${data.prefix}-back-`.length);
  const path = $(`path-${name}`);
  edge.querySelector("title")?.remove();
  if (!path) continue;
  const wide = edge.querySelector("path").cloneNode();  // a thin line is hard to point at
  for (const name of ["stroke", "stroke-width"]) wide.removeAttribute(name);
  wide.setAttribute("class", "wide");
  edge.append(wide);
  edge.setAttribute("tabindex", "0");
  edge.setAttribute("role", "img");
  edge.setAttribute("aria-label", path.innerText || path.textContent);
  edge.addEventListener("mouseenter", () => tell(edge, name));
  edge.addEventListener("mouseleave", hide);
  edge.addEventListener("focus", () => tell(edge, name));
  edge.addEventListener("blur", hide);
}
for (const edge of pane.querySelectorAll("g.edge.forward title, g.node > title")) edge.remove();

data.steps.forEach(({ title, card }, step) => {
  if (!card) return;
  const half = part(`${title.startsWith("Backward") ? "gradient" : "value"}-${card}`);
  half?.classList.add("leads");
  half?.addEventListener("click", () => go(step));
});

// ---- other numbers

function short(x) {
  if (typeof x === "boolean") return x ? "True" : "False";
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e7) return String(x);
  if (size >= 1e6 || size < 1e-4) return x.toExponential(2);
  return x.toFixed(Math.max(1, Math.min(3 - Math.floor(Math.log10(size)), 6 - Math.max(1, Math.floor(Math.log10(size)) + 1))));
}

function write(element, number) {
  if (element) element.textContent = short(number);
}

function writeCard(half, key, number) {
  const texts = part(`${half}-${key}`)?.querySelectorAll("text") ?? [];
  if (!texts.length) return;
  const box = part(`${half}-${key}`).querySelector("polygon").getBBox();
  texts[0].removeAttribute("textLength");
  texts[0].setAttribute("text-anchor", "middle");
  texts[0].setAttribute("x", box.x + box.width / 2);
  texts[0].textContent = short(number);
  if (half === "value") return;
  const { low, high, fills, inks } = data.heat, size = Math.abs(number);
  const place = (Math.log10(size) - low) / (high - low) * (fills.length - 3);
  const heat = !Number.isFinite(size) ? fills.length - 1 : size === 0 ? fills.length - 2
    : Math.max(0, Math.min(fills.length - 3, Math.round(place)));
  part(`${half}-${key}`).querySelector("polygon").setAttribute("fill", fills[heat]);
  for (const text of texts) text.setAttribute("fill", inks[heat]);
}

function again() {
  const values = {};
  for (const field of document.querySelectorAll("[data-leaf]")) {
    if (!Number.isFinite(field.valueAsNumber)) return;
    values[data.names[field.dataset.leaf]] = field.valueAsNumber;
  }
  const { v, g, t } = compute(values);
  for (const element of document.querySelectorAll("[data-value]")) write(element, v[data.names[element.dataset.value]]);
  for (const element of document.querySelectorAll("[data-gradient]")) write(element, g[data.names[element.dataset.gradient]]);
  for (const element of document.querySelectorAll("[data-term]")) write(element, t[element.dataset.term]);
  for (const key in data.names) {
    writeCard("value", key, v[data.names[key]]);
    if (data.names[key] in g) writeCard("gradient", key, g[data.names[key]]);
  }
  hide();
}

$("leaves")?.addEventListener("input", again);
$("leaves")?.addEventListener("submit", (event) => event.preventDefault());
$("leaves")?.addEventListener("reset", () => setTimeout(again));

document.documentElement.classList.add("live");
go(Number(location.hash.slice(1)) || 0, false);
addEventListener("hashchange", () => go(Number(location.hash.slice(1)) || 0));
