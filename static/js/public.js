// Pages opened on her own telephone. Leaving is quick and leaves one entry in the history; without this the link still leads away.
(function () {
  "use strict";

  const leave = (url) => {
    document.body.replaceChildren(); // before the network answers
    location.replace(url);
  };
  const way = () => document.querySelector("[data-quick-exit]");
  document.addEventListener("click", (event) => {
    const exit = event.target.closest("[data-quick-exit]");
    if (!exit) return;
    event.preventDefault();
    leave(exit.dataset.quickExit);
  });

  // Twice, because once closes a list or ends what a Chinese input method composes.
  const SOON = 1500;
  let before = -SOON;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || event.repeat || !way()) return;
    if (event.timeStamp - before < SOON) leave(way().dataset.quickExit);
    before = event.timeStamp;
  });

  // The answer comes into this page: a posted page would be an entry of its own.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-in-place]")) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "omit", referrerPolicy: "no-referrer",
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      if (!page) throw new Error(String(answer.status));
      const main = document.getElementById("main");
      main.replaceChildren(...page.childNodes);
      main.focus();
      scrollTo(0, 0);
    } catch {
      form.submit();
    }
  });
})();
