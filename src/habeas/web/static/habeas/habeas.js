// Everything works without this file. It adds: Shift three times to leave, and a button that prints.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const exit = document.querySelector("[data-exit]");
  if (exit) {
    const link = exit.querySelector("a"), said = exit.querySelector("[role=status]");
    const within_ms = 5000;
    let presses = 0, first = 0, alone = false;

    const leave = () => {
      root.classList.add("leaving"); // the page is covered before the network answers
      said.textContent = said.getAttribute("data-left-0");
      location.replace(link.href); // our own URL first: it ends the session; replace keeps this page out of "back"
    };
    const show = (n) => {
      presses = n;
      exit.dataset.presses = n;
      if (n) said.textContent = said.getAttribute(`data-left-${3 - n}`);
    };

    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      leave();
    });
    // A capital letter is Shift with another key: only Shift pressed and released by itself counts.
    addEventListener("keydown", (event) => {
      alone = event.key === "Shift" && !event.repeat ? true : event.key === "Shift" && alone;
      if (event.key !== "Shift" && presses) show(0);
    });
    addEventListener("keyup", (event) => {
      if (event.key !== "Shift" || !alone) return;
      alone = false;
      if (!presses || event.timeStamp - first > within_ms) { first = event.timeStamp; show(1); }
      else show(presses + 1);
      if (presses >= 3) leave();
      else setTimeout(() => { if (performance.now() - first >= within_ms) show(0); }, within_ms + 50);
    });
    // Brought back from the browser's memory of pages: the session is gone, so ask the server anew.
    addEventListener("pageshow", (event) => { if (event.persisted && root.classList.contains("leaving")) location.reload(); });
  }

  addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-print]")) print();
  });
})();
