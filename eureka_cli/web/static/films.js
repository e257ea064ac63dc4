// One set of controls for all films of a group; beneath each, what its components pay at this instant.
"use strict";

function group(root) {
  const films = [...root.querySelectorAll("video")];
  const bar = root.querySelector("[data-controls]");
  if (films.length && bar) together(root, films, bar);
  for (const film of films) film.addEventListener("timeupdate", () => pay(film));
}

function together(root, films, bar) {
  const [play, seek, clock, speed] = ["play", "seek", "clock", "speed"].map((name) => bar.querySelector(`[data-${name}]`));
  const length = () => Math.max(0, ...films.map((film) => film.duration || 0));
  let at = 0, playing = false, before = 0;

  function show() {
    seek.max = length() || 1;
    seek.value = at;
    clock.textContent = `${at.toFixed(1)} of ${length().toFixed(1)} s`;
  }
  function place(tolerance) {
    for (const film of films) {
      const wanted = Math.min(at, Math.max(0, (film.duration || 0) - 0.001));
      if (Math.abs(film.currentTime - wanted) > tolerance) film.currentTime = wanted;
      const going = playing && wanted === at;
      if (going && film.paused) film.play().catch(() => {});
      if (!going && !film.paused) film.pause();
      pay(film);
    }
    show();
  }
  function step(now) {
    if (!playing) return;
    at += ((now - before) / 1000) * Number(speed.value);
    before = now;
    if (at >= length()) at = 0;
    place(0.15);
    requestAnimationFrame(step);
  }
  play.addEventListener("click", () => {
    playing = !playing;
    play.textContent = playing ? "Pause" : "Play";
    before = performance.now();
    place(0);
    if (playing) requestAnimationFrame(step);
  });
  seek.addEventListener("input", () => { at = Number(seek.value); place(0); });
  speed.addEventListener("change", () => { for (const film of films) film.playbackRate = Number(speed.value); });
  for (const film of films) {
    film.controls = false;
    film.loop = false;
    film.addEventListener("loadedmetadata", show);
  }
  bar.hidden = false;
  show();
}

function pay(film) {
  const share = film.duration ? film.currentTime / film.duration : 0;
  for (const row of film.parentElement.querySelectorAll("[data-steps]")) {
    if (!row.dataset.steps) continue;
    row.values ??= JSON.parse(row.dataset.steps);
    const value = row.values[Math.min(row.values.length - 1, Math.floor(share * row.values.length))];
    const size = (50 * Math.abs(value)) / Number(row.dataset.largest);
    const rect = row.querySelector("rect");
    rect.setAttribute("x", value < 0 ? 50 - size : 50);
    rect.setAttribute("width", size);
    rect.setAttribute("class", value < 0 ? "minus" : "plus");
    row.lastElementChild.textContent = value.toPrecision(3);
  }
}

for (const root of document.querySelectorAll("[data-films]")) group(root);
