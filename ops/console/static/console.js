// What pages cannot do without a script: parts that are sent anew, a pause for them, keys, and all of a list at once.
"use strict";

const find = document.getElementById("find");
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && find) {
    event.preventDefault();
    find.focus();
  }
});

// On a narrow screen the way to the other pages is a line: it shows where one is.
const here = document.querySelector(".side [aria-current]");
if (here) here.closest(".side").scrollLeft = here.offsetLeft - 60;

function newest() {
  document.querySelector(".talking")?.scrollIntoView({ block: "nearest" });
}

// What was sent is shown by the page; the field is for what comes next.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("[data-clear]");
  if (!form || !event.detail.successful) return;
  form.elements.text.value = "";
  newest();
});

const live = document.querySelector("[data-live]");
const pause = document.querySelector("[data-pause]");
let paused = false;

// Text that is being read with the keyboard or selected stays as it is.
function busy(element) {
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed && element.contains(selection.anchorNode);
  const focused = document.activeElement;
  return selected || (focused && focused !== element && element.contains(focused) && !focused.matches(".scroll"));
}

if (live) {
  const stream = new EventSource(live.dataset.live);
  stream.addEventListener("parts", (event) => {
    if (paused || document.hidden) return;
    for (const [id, html] of Object.entries(JSON.parse(event.data))) {
      const element = document.getElementById(id);
      if (!element || busy(element)) continue;
      const scrolled = [...element.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
      const at = [...element.querySelectorAll(".scroll")].indexOf(document.activeElement);
      element.innerHTML = html;
      const now = element.querySelectorAll(".scroll");
      now.forEach((each, number) => { each.scrollLeft = scrolled[number] ?? 0; });
      if (at >= 0) now[at]?.focus({ preventScroll: true });
    }
    if (live.matches("[role=log]")) newest();
  });
  addEventListener("pagehide", () => stream.close());
}

if (pause && live) {
  pause.hidden = false;
  const words = [pause.textContent, pause.dataset.paused];
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = words[Number(paused)];
    live.toggleAttribute("data-still", paused);
  });
}

// A value and the places that say it.
function paired(element) {
  const of = element?.dataset.of ?? element?.dataset.mark;
  return of ? document.querySelectorAll(`[data-of="${of}"], [data-mark="${of}"]`) : [];
}
document.addEventListener("mouseover", (event) => {
  for (const each of document.querySelectorAll("[data-of].on, [data-mark].on")) each.classList.remove("on");
  for (const each of paired(event.target.closest?.("[data-of], [data-mark]"))) each.classList.add("on");
});
document.addEventListener("click", (event) => {
  const mark = event.target.closest?.("[data-mark]");
  if (mark) document.querySelector(`[data-of="${mark.dataset.mark}"]`)?.scrollIntoView({ block: "nearest" });
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  for (const box of event.target.form.querySelectorAll("input[name=id]")) box.checked = event.target.checked;
});
