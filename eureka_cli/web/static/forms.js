// Drafts that survive a closed tab, the ranking in words with undo, and the editor's lines.
"use strict";

// ---------------------------------------------------------------- drafts

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.type !== "fieldset" && !("keep" in field.dataset) && field.type !== "submit");
}
function read(form) {
  return fields(form).map((field) => (/radio|checkbox/.test(field.type) ? field.checked : field.value));
}
function write(form, values, except) {
  const all = fields(form);
  if (values.length !== all.length) return;
  all.forEach((field, k) => {
    if (field.name === except) return;
    if (/radio|checkbox/.test(field.type)) field.checked = values[k];
    else field.value = values[k];
  });
}
function draft(form) {
  const key = `draft ${location.pathname}`;
  const asked = new URLSearchParams(location.search);
  if (asked.has("saved")) {
    localStorage.removeItem(key);
    history.replaceState(null, "", location.pathname);
  }
  if (form.querySelector("fieldset.plain[disabled]")) return;
  const kept = localStorage.getItem(key);
  const keep = () => localStorage.setItem(key, JSON.stringify(read(form)));
  const based = asked.has("base"), code = form.querySelector("#code");
  if (kept) write(form, JSON.parse(kept), based ? "code" : "");
  if (code.value) code.closest("details").open = true;
  if (based) {
    keep(); // once: loaded again, the page shows what was typed since, not that reward anew
    history.replaceState(null, "", location.pathname);
    code.focus();
  }
  form.addEventListener("input", keep);
}

// ---------------------------------------------------------------- a ranking

function ranking(form) {
  const told = form.querySelector("[data-ranking]");
  const undo = form.querySelector("[data-undo]");
  const past = [];
  let now = read(form);

  function tell() {
    const places = {};
    for (const group of form.querySelectorAll("[data-letter]")) {
      const place = group.querySelector("input:checked").value;
      if (place) (places[place] ??= []).push(group.dataset.letter);
    }
    const order = Object.keys(places).sort((a, b) => a - b).map((place) => places[place].join(" = "));
    told.textContent = order.length ? `Your ranking: ${order.join(" > ")}` : "Nothing is ranked yet.";
    undo.disabled = !past.length;
  }
  form.addEventListener("change", (event) => {
    if (!/radio|checkbox/.test(event.target.type)) return;
    past.push(now);
    now = read(form);
    tell();
  });
  undo.addEventListener("click", () => {
    const texts = read(form);
    const earlier = past.pop();
    now = fields(form).map((field, k) => (/radio|checkbox/.test(field.type) ? earlier[k] : texts[k]));
    write(form, now);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    tell();
  });
  undo.hidden = false;
  tell();
}

// ---------------------------------------------------------------- the editor

function editor(root) {
  const text = root.querySelector("textarea");
  const gutter = root.querySelector(".gutter");
  const findings = document.getElementById("findings");
  let leaving = false;

  function number() {
    const worst = {};
    for (const each of findings.querySelectorAll("[data-line]")) {
      const line = each.dataset.line;
      if (line && worst[line] !== "error") worst[line] = each.dataset.severity;
    }
    const lines = text.value.split("\n").map((_, k) => {
      const line = document.createElement("div");
      line.textContent = k + 1;
      if (worst[k + 1]) line.className = worst[k + 1];
      return line;
    });
    gutter.replaceChildren(...lines);
    gutter.scrollTop = text.scrollTop;
  }
  text.addEventListener("input", number);
  text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaving = true;
    else if (event.key === "Tab" && !leaving && !event.shiftKey) {
      event.preventDefault();
      text.setRangeText("    ", text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.key !== "Tab" && event.key !== "Shift") leaving = false;
  });
  text.addEventListener("blur", () => { leaving = false; });
  document.body.addEventListener("htmx:afterSwap", number);
  root.classList.add("numbered");
  number();
}

const lost = document.getElementById("lost");
if (lost) {
  document.body.addEventListener("htmx:sseError", () => { lost.hidden = false; });
  document.body.addEventListener("htmx:sseOpen", () => { lost.hidden = true; });
}
for (const form of document.querySelectorAll("[data-draft]")) draft(form);
for (const form of document.querySelectorAll("form:has([data-ranking])")) ranking(form);
for (const root of document.querySelectorAll("[data-editor]")) editor(root);
for (const button of document.querySelectorAll("[data-plain]")) button.hidden = true;
