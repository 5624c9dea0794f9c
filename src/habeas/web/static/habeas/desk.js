// The desk works without this file. It adds: Ctrl-K to go anywhere, and single keys that press what a page already has.
// A key belongs to the link or form that carries it in data-keys; what is not on the page has no key there.
(() => {
  "use strict";
  const go = document.getElementById("go");
  if (!go || !go.showModal) return;
  const keys = document.getElementById("keys");
  const asked = go.querySelector("[name=q]"), said = go.querySelector("[role=status]");
  const pause_ms = 150, chord_ms = 1500;
  let cameFrom = null, asking = null, timer = 0, first = "", firstAt = 0;

  const fragment = async (address, signal) => {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fragment" }, redirect: "error", signal });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    return answer.text();
  };
  const open = (dialog) => {
    if (dialog.open) return;
    cameFrom = document.activeElement;
    dialog.showModal();
    if (dialog === go) { asked.select(); find(); }
    else if (!dialog.querySelector("[data-found] > *")) {
      const page = document.querySelector('[data-dialog="keys"]').href;
      fragment(page).then((html) => { dialog.querySelector("[data-found]").innerHTML = html; }, () => location.assign(page));
    }
  };
  const back = () => { if (cameFrom && cameFrom.isConnected) cameFrom.focus(); };
  go.addEventListener("close", back);
  keys.addEventListener("close", back);

  // Go anywhere: the same answers as the search page, from the same address.
  const results = () => [...go.querySelectorAll("[data-found] a")];
  const find = () => {
    if (asking) asking.abort();
    const mine = asking = new AbortController();
    const form = asked.form, address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    fragment(address, mine.signal).then((html) => {
      if (mine.signal.aborted) return;
      go.querySelector("[data-found]").innerHTML = html;
      said.textContent = go.querySelector("[data-said]").textContent;
      mine.done = true;
    }, () => { said.textContent = ""; }); // Enter then opens the search page, which says what is wrong
  };
  asked.addEventListener("input", () => {
    if (asking) asking.abort();
    asking = null;
    clearTimeout(timer);
    timer = setTimeout(find, pause_ms);
  });
  asked.form.addEventListener("submit", (event) => {
    const [best] = results();
    // Answers to an earlier question lead nowhere: the page of this one opens instead.
    if (!asking || !asking.done || !best) return;
    event.preventDefault();
    best.click();
  });
  go.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [asked, ...results()], here = stops.indexOf(document.activeElement);
    if (here < 0) return;
    event.preventDefault();
    stops[(here + step + stops.length) % stops.length].focus();
  });

  // Single keys.
  const typing = (target) => target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const rowOf = (element) => rows().indexOf(element.closest("[data-row]"));
  const move = (step) => {
    const all = rows(), here = rowOf(document.activeElement);
    const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)];
    if (next) next.querySelector("[data-open]").focus();
  };
  const take = () => {
    const row = rows()[rowOf(document.activeElement)], tick = row && row.querySelector("[data-take]");
    if (tick) {
      for (const other of document.querySelectorAll("[data-take]")) other.checked = other === tick;
      tick.form.requestSubmit();
    } else if (!rows().length) {
      const button = document.querySelector('main form[action$="/take/"] button');
      if (button) button.click();
    }
  };
  const press = (chord) => {
    const one = document.querySelector(`[data-keys="${CSS.escape(chord)}"]`);
    if (!one) return false;
    if (one.dataset.dialog) open(document.getElementById(one.dataset.dialog));
    else if (one.matches("form")) one.requestSubmit();
    else one.click();
    return true;
  };
  const does = {
    j: () => move(1),
    k: () => move(-1),
    o: () => { const row = rows()[rowOf(document.activeElement)]; if (row) row.querySelector("[data-open]").click(); },
    t: take,
  };

  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (keys.open) keys.close();
      open(go);
      return;
    }
    if (go.dataset.single === "off" || event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
    if (event.isComposing || go.open || keys.open || typing(event.target)) return;
    if (event.key === "Shift") return;
    const second = first && event.timeStamp - firstAt < chord_ms;
    const chord = second ? `${first} ${event.key}` : event.key;
    first = "";
    if (!second && event.key === "g") { first = "g"; firstAt = event.timeStamp; return; }
    if (!second && does[event.key]) { does[event.key](); event.preventDefault(); }
    else if (press(chord)) event.preventDefault();
  });
  addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(document.getElementById(link.dataset.dialog));
  });
})();
