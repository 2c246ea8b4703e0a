// The queue of the county's desk: open a case in its place, decide it, go on to the next; all of it by keyboard too.
// Without this file every row is a link to a page with the same forms.
(function () {
  "use strict";

  const queue = () => document.querySelector("[data-queue]");
  const links = () => [...document.querySelectorAll("[data-queue] [data-open]")];
  const rowOf = (element) => element.closest("[data-row]");
  const linkOf = (row) => row.querySelector("[data-open]");
  const panelOf = (row) => row.querySelector("[data-panel]");
  const shell = (row) => row.querySelector(".wq-queue__panel");
  const isOpen = (row) => !shell(row).hidden;

  // Where the reader was, also when a click beside everything took the focus away.
  let latest = null;
  const here = (element) => rowOf(element) || (latest && latest.isConnected ? latest : null);

  const show = (row, open) => {
    latest = row;
    shell(row).hidden = !open;
    row.classList.toggle("wq-queue__row--open", open);
    linkOf(row).setAttribute("aria-expanded", String(open));
  };
  const close = (row) => {
    show(row, false);
    linkOf(row).focus();
  };
  const reading = (row) => {
    show(row, true);
    const head = panelOf(row).querySelector("[data-panel-head]");
    if (head) head.focus({ preventScroll: true });
    linkOf(row).scrollIntoView({ block: "start" });
  };

  // What was typed stays in a closed row; only the first opening asks the server.
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("[data-queue] [data-open]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const row = rowOf(link);
      if (!panelOf(row).querySelector("[data-case]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (isOpen(row)) close(row);
      else reading(row);
    },
    true
  );

  // A refusal is a whole page: it is shown as one.
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    const link = ctx.sourceElement.closest("[data-queue] [data-row]") && linkOf(rowOf(ctx.sourceElement));
    if (!link || ![403, 404].includes(ctx.response.raw.status)) return;
    event.preventDefault();
    location.assign(link.href);
  });

  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx.target;
    const row = target && target.closest && target.closest("[data-queue] [data-row]");
    if (!row) return;
    const decided = row.querySelector("[data-decided]");
    if (decided) return leave(row, decided);
    show(row, true);
    const errors = row.querySelector(".wq-errors");
    if (errors) {
      errors.focus({ preventScroll: true });
      errors.scrollIntoView({ block: "center" });
    } else reading(row);
  });

  // The row gives way to one line, and the focus goes to the next case: below, or else above.
  const leave = (row, words) => {
    const all = links();
    const place = all.indexOf(linkOf(row));
    const next = all[place + 1] || all[place - 1];
    document.querySelectorAll("[data-queue-line]").forEach((line) => line.remove());
    const line = document.createElement("tbody");
    line.dataset.queueLine = "";
    const cell = line.insertRow().insertCell();
    cell.colSpan = 4;
    cell.append(words);
    row.replaceWith(line);
    const count = document.querySelector("[data-queue-count]");
    count.textContent = String(Math.max(0, Number(count.textContent) - 1));
    document.querySelector("[data-queue-said]").textContent = words.textContent;
    if (next) {
      latest = rowOf(next);
      next.focus({ preventScroll: true });
      line.scrollIntoView({ block: "nearest" });
    } else {
      line.querySelector("a").focus();
    }
  };

  const MOVES = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (!queue() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const row = here(event.target);
    if (event.key === "Escape" && row && isOpen(row)) {
      event.preventDefault();
      return close(row);
    }
    if (typing(event.target)) return;
    if (event.key in MOVES) return move(event, row);
    if (event.key === "Enter" && row && event.target === document.body) {
      event.preventDefault();
      return linkOf(row).click();
    }
    if (row && isOpen(row) && "123456789".includes(event.key)) return choose(event, row);
  });

  const move = (event, row) => {
    const arrow = event.key.startsWith("Arrow");
    // Inside an opened case the arrows scroll, as everywhere.
    if (arrow && !event.target.closest("[data-open]")) return;
    const all = links();
    const place = row ? all.indexOf(linkOf(row)) : -1;
    const next = all[place < 0 ? 0 : place + MOVES[event.key]];
    if (!next) return;
    event.preventDefault();
    latest = rowOf(next);
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const choose = (event, row) => {
    const decision = row.querySelectorAll("[data-decision]")[Number(event.key) - 1];
    if (!decision) return;
    event.preventDefault();
    decision.open = true;
    const field = decision.querySelector("input:not([type=hidden]), select, textarea");
    (field || decision.querySelector("summary")).focus();
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!queue()) return;
    document.querySelector("[data-keys]").hidden = false;
    links().forEach((link) => link.setAttribute("aria-expanded", "false"));
  });
})();
