// The screen is locked when nobody works: what is typed is kept by the server, then this page goes away whole.
// Without this the server locks all the same, at the next click.
(function () {
  "use strict";

  const body = document.body;
  if (!body.dataset.lock) return;
  const idle = Number(body.dataset.lockSeconds) * 1000;
  const WARN = Math.min(60000, idle / 2);
  const PING = 60000;
  const token = () => {
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    return cookie ? cookie[1] : field ? field.value : "";
  };
  const post = (url, said) =>
    fetch(url, {
      method: "POST", body: new URLSearchParams(said), credentials: "same-origin",
      headers: { "X-CSRFToken": token() },
    });

  // What was typed: the fields of the first form that differs from the page as it came.
  const typed = (field) => {
    if (!field.name || field.name === "csrfmiddlewaretoken") return false;
    if (field.matches("[type=password], [type=file], [type=hidden], [type=submit], button")) return false;
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected && (one.selected ? one.value : true));
    return field.value !== field.defaultValue;
  };
  const forms = () => [...document.querySelectorAll("form[method=post]")].filter((form) => !form.matches("[role=search]"));
  const gather = () => {
    const form = forms().find((one) => !one.saveDraft && [...one.elements].some(typed));
    if (!form) return [];
    return [...new FormData(form)].filter(
      ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && !form.querySelector(`[type=password][name="${CSS.escape(name)}"]`),
    );
  };

  let falling = false;
  const fall = async () => {
    if (falling) return;
    falling = true;
    const said = { page: location.pathname + location.search, fields: JSON.stringify(gather()) };
    const drafts = forms().map((form) => form.saveDraft).filter(Boolean);
    await Promise.all(drafts.map((save) => save().catch(() => {})));
    document.dispatchEvent(new Event("weiquan:locked"));
    document.title = "已锁屏";
    body.replaceChildren(Object.assign(document.createElement("p"), { className: "wq-locked", textContent: "已锁屏，请稍候…" }));
    const keep = async () => {
      try {
        await post(body.dataset.lock, said);
        location.replace(body.dataset.lock);
      } catch {
        body.firstChild.textContent = "已锁屏。网络断了，恢复后自动显示解锁页，填的内容还在。";
        setTimeout(keep, 5000);
      }
    };
    keep();
  };

  // Somebody is there: the server hears of it once a minute, because reading and typing send nothing.
  let latest = Date.now();
  let told = Date.now();
  let limit = latest + idle;
  let bar = null;
  const warn = (on) => {
    if (on && !bar) {
      bar = Object.assign(document.createElement("p"), { className: "wq-locking", textContent: "一分钟后锁屏。动一下鼠标或按任意键，就不锁。" });
      bar.setAttribute("role", "alert");
      body.append(bar);
    } else if (!on && bar) {
      bar.remove();
      bar = null;
    }
  };
  const here = () => {
    latest = Date.now();
    limit = latest + idle;
    warn(false);
    if (latest - told < PING || falling) return;
    told = latest;
    post(body.dataset.lockLeft, {}).then((answer) => answer.status === 423 && fall(), () => {});
  };
  ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "input"].forEach((kind) =>
    document.addEventListener(kind, here, { passive: true, capture: true }),
  );

  // In another window she may have worked: the server knows.
  const ask = async () => {
    try {
      const answer = await fetch(body.dataset.lockLeft, { credentials: "same-origin" });
      if (answer.status === 423 || answer.redirected) return fall();
      limit = Math.max(limit, Date.now() + (await answer.json()).left * 1000 - PING);
    } catch {
      // no network: our own time counts
    }
  };
  let asked = false;
  setInterval(async () => {
    if (falling || limit - Date.now() > WARN) {
      asked = falling;
      return;
    }
    if (!asked) {
      asked = true;
      await ask();
    }
    if (falling) return;
    warn(limit - Date.now() <= WARN);
    if (Date.now() >= limit) fall();
  }, 1000);

  document.addEventListener("weiquan:shut", fall);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-lock-now]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    fall();
  }, true);
  // Brought back out of the browser's memory, a page may be older than the lock.
  window.addEventListener("pageshow", (event) => event.persisted && ask());

  // Back again: what was typed here before comes back into its fields.
  const put = (fields) => {
    const names = new Set(fields.map(([name]) => name));
    const fits = (form) => [...names].filter((name) => form.elements.namedItem(name)).length;
    const form = forms().sort((a, b) => fits(b) - fits(a))[0];
    if (!form || !fits(form)) return;
    const left = new Map();
    fields.forEach(([name, value]) => left.set(name, [...(left.get(name) || []), value]));
    [...form.elements].forEach((field) => {
      if (!field.name || field.matches("[type=password], [type=file], [type=hidden], button")) return;
      const values = left.get(field.name) || [];
      if (field.matches("[type=checkbox], [type=radio]")) field.checked = values.includes(field.value);
      else if (field.multiple) [...field.options].forEach((one) => (one.selected = values.includes(one.value)));
      else if (values.length) field.value = values.shift();
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const area = document.getElementById("messages");
    const box = Object.assign(document.createElement("div"), { className: "wq-notice wq-notice--warning" });
    box.append(Object.assign(document.createElement("p"), { textContent: "锁屏前填的内容已经放回来，还没有提交。" }));
    if (area) area.replaceChildren(box);
  };
  document.addEventListener("DOMContentLoaded", async () => {
    if (!body.dataset.held) return;
    const answer = await post(body.dataset.held, { page: location.pathname });
    if (answer.ok) put((await answer.json()).fields);
  });
})();
