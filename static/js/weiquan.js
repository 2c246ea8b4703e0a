// Small comforts over pages that work without any of this. No framework, nothing inline, no eval.
(function () {
  "use strict";

  // Logging in anew, in another window, changes the token: the cookie has the one that holds now.
  const token = () => {
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    return cookie ? cookie[1] : field ? field.value : "";
  };
  const freshen = () => {
    const now = token();
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => (field.value = now));
  };
  window.addEventListener("focus", freshen);

  const say = (words) => {
    const area = document.getElementById("messages");
    if (!area) return;
    const box = document.createElement("div");
    box.className = "wq-notice wq-notice--warning";
    box.append(Object.assign(document.createElement("p"), { textContent: words }));
    area.replaceChildren(box);
    area.scrollIntoView({ block: "nearest" });
  };

  // htmx: the token goes along; a session that ended shows the login page whole instead of inside a part of this one.
  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:before:response", (event) => {
    const answer = event.detail.ctx.response.raw;
    if (answer.redirected && new URL(answer.url).pathname.includes("/login")) {
      event.preventDefault();
      location.reload();
    }
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.status === 423) document.dispatchEvent(new Event("weiquan:shut"));
    if (event.detail.ctx.response.status >= 500) say("这一步没有成功。请过一会儿再试；还不行，请告诉系统管理员。");
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx) say("网络断了，这一步没有送出去。网络恢复后请再点一次。");
  });

  // A form goes out once. The button is marked after the form data is gathered, or its own name would be lost.
  const busy = new Map();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // getAttribute, because a field may be called "method". A form that answers with a file carries data-again.
    const post = (form.getAttribute("method") || "").toLowerCase() === "post";
    if (event.defaultPrevented || !post || form.matches("[target], [data-again], [hx-post], [hx-get]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    clean(form);
    freshen();
    const button = event.submitter;
    if (!button) return;
    setTimeout(() => {
      busy.set(button, button.textContent);
      button.setAttribute("aria-disabled", "true");
      button.textContent = "正在提交…";
    });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    busy.forEach((words, button) => {
      button.removeAttribute("aria-disabled");
      button.textContent = words;
    });
    busy.clear();
  });

  // Leaving a form with unsent words asks first.
  const dirty = new Set();
  const clean = (form) => dirty.delete(form);
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.matches("[data-guard]")) dirty.add(form);
  });
  document.addEventListener("weiquan:locked", () => dirty.clear()); // what is unsent was kept elsewhere
  window.addEventListener("beforeunload", (event) => {
    if (dirty.size) event.preventDefault();
    if (dirty.size) event.returnValue = "";
  });

  // Blocks that only make sense for one answer: data-show-when="field=value|value2", or "field" for any answer;
  // with several of these, parted by ";", one is enough.
  const answers = (form, name) =>
    new FormData(form).getAll(name).filter((value) => typeof value === "string" && value !== "");
  const showWhen = (root) => {
    root.querySelectorAll("[data-show-when]").forEach((block) => {
      const form = block.closest("form");
      if (!form) return;
      const fits = block.dataset.showWhen.split(";").some((condition) => {
        const [name, wanted] = condition.split("=");
        const given = answers(form, name);
        return wanted === undefined ? given.length > 0 : given.some((value) => wanted.split("|").includes(value));
      });
      // An error must never sit in a block that is out of sight.
      block.hidden = !fits && !block.querySelector("[aria-invalid=true], .errorlist");
      block.querySelectorAll("[required], [data-required]").forEach((field) => {
        field.dataset.required = "1";
        field.required = !block.hidden;
      });
    });
  };
  document.addEventListener("change", (event) => event.target.form && showWhen(event.target.form));

  // Drafts: form[data-autosave=URL] sends itself every four seconds when something changed.
  const clock = () => new Date().toTimeString().slice(0, 5);
  const autosave = (form) => {
    const status = form.querySelector("[data-autosave-status]") || document.querySelector("[data-autosave-status]");
    const tell = (words) => status && (status.textContent = words);
    const gather = () => {
      const words = new URLSearchParams();
      // The token goes in the header: one in the body would win, and may be an old one.
      new FormData(form).forEach((value, name) => {
        if (typeof value === "string" && name !== "csrfmiddlewaretoken") words.append(name, value);
      });
      return words.toString();
    };
    let saved = gather();
    let sending = false;
    const save = async (keepalive) => {
      const body = gather();
      if (sending || form.dataset.sent || body === saved) return;
      sending = true;
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "POST", body, keepalive, credentials: "same-origin",
          headers: { "X-CSRFToken": token(), "Content-Type": "application/x-www-form-urlencoded" },
        });
        if (answer.status === 423) document.dispatchEvent(new Event("weiquan:shut"));
        if (answer.redirected) tell("登录已过期，草稿停在上一次保存。请在新窗口登录后再继续。");
        else if (!answer.ok) throw new Error(String(answer.status));
        else {
          saved = body;
          clean(form);
          tell(`草稿已保存 ${clock()}`);
        }
      } catch {
        tell("草稿暂未保存，网络恢复后会再试");
      } finally {
        sending = false;
      }
    };
    form.saveDraft = () => save(true);
    setInterval(() => save(false), 4000);
    document.addEventListener("visibilitychange", () => document.hidden && save(true));
  };

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (hit("[data-dismiss]")) hit("[data-message]").remove();
    if (hit("[data-print]")) window.print();
    if (hit(".wq-errors a[href^='#']")) {
      const place = document.getElementById(hit("a").hash.slice(1));
      const field = place && (place.matches("input, select, textarea") ? place : place.querySelector("input, select, textarea"));
      if (field) {
        event.preventDefault();
        field.focus();
        field.closest(".wq-field").scrollIntoView({ block: "center" });
      }
    }
  });
  // A printed file shows what its folds hold.
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll(".wq-fold:not([open]), .wq-clock:not([open])").forEach((fold) => {
      fold.open = true;
      fold.dataset.closeAgain = "1";
    });
  });
  window.addEventListener("afterprint", () => {
    document.querySelectorAll("[data-close-again]").forEach((fold) => {
      fold.open = false;
      delete fold.dataset.closeAgain;
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  const ready = (root) => {
    showWhen(root);
    root.querySelectorAll("[data-dismiss], [data-print]").forEach((button) => (button.hidden = false));
  };
  document.addEventListener("htmx:after:swap", () => ready(document));
  document.addEventListener("DOMContentLoaded", () => {
    ready(document);
    document.querySelectorAll("form[data-autosave]").forEach(autosave);
  });
})();
