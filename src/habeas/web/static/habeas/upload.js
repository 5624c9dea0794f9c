// Files go piece by piece as soon as they are chosen, with progress; what broke off goes on where it stopped.
// Without this file they go with the form. The server's side: web/portal/report.py, `files`.
(() => {
  "use strict";
  const PIECE_BYTES = 1 << 20, FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 30000, MOST_TRIES = 12;

  for (const place of document.querySelectorAll("[data-upload]")) {
    const input = place.querySelector("input[type=file]"), form = place.closest("form"), address = place.dataset.upload;
    if (!input || !form || !window.fetch) continue;
    const list = document.createElement("ul"), said = document.createElement("p");
    list.className = "files";
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    place.append(list, said);
    input.addEventListener("change", () => {
      for (const file of input.files) start(file);
      input.value = ""; // they go by themselves now: the form must not send them again
    });

    const start = (file) => {
      const id = [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
      const row = document.createElement("li"), name = document.createElement("bdi"), bar = document.createElement("progress");
      const state = document.createElement("span"), remove = document.createElement("button"), stop = new AbortController();
      name.textContent = file.name;
      bar.max = file.size || 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      state.className = "quiet";
      remove.type = "button";
      remove.className = "button button-link";
      remove.textContent = `${place.dataset.remove}: ${file.name}`;
      remove.addEventListener("click", async () => {
        stop.abort();
        row.remove();
        input.focus();
        await fetch(address, { method: "POST", headers: head(id, { "X-Remove": "1" }) }).catch(() => {});
      });
      row.append(name, " ", bar, " ", state, " ", remove);
      list.append(row);
      const tell = (words) => { state.textContent = words; said.textContent = `${file.name}: ${words}`; };
      send(file, id, bar, stop.signal).then(() => tell(place.dataset.done)).catch((refusal) => {
        if (!stop.signal.aborted) tell(refusal.words || place.dataset.failed);
      });
    };

    const head = (id, more) => ({ "X-File": id, "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, ...more });

    // Ends when all of it stands; throws where the server refuses, or the line stays broken.
    const send = async (file, id, bar, signal) => {
      let have = 0, tries = 0;
      while (have < file.size || !file.size) {
        let answer, told;
        try {
          const headers = head(id, {
            "Content-Type": "application/octet-stream", "X-Offset": `${have}`, "X-Size": `${file.size}`,
            "X-Name": encodeURIComponent(file.name),
          });
          answer = await fetch(address, { method: "POST", headers, body: file.slice(have, have + PIECE_BYTES), signal });
          told = await answer.json();
        } catch (trouble) {
          if (signal.aborted || ++tries > MOST_TRIES) throw trouble;
          await new Promise((go) => setTimeout(go, Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)));
          have = await asked(id).catch(() => have);
          continue;
        }
        if (!answer.ok && told.have === have) throw Object.assign(new Error("refused"), { words: told.why });
        if (told.have > have) tries = 0;
        else if (++tries > MOST_TRIES) throw new Error("no progress");
        have = told.have;
        bar.value = have;
      }
    };
    const asked = async (id) => (await (await fetch(`${address}?file=${id}`)).json()).have;
  }
})();
