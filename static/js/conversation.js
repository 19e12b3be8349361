// Conversations: news without a reload, Enter sends, what is left is counted. Without this file the forms do the same.
(() => {
  const HIDDEN_SECONDS = 60;
  const FORGOTTEN_SECONDS = 30 * 60;
  const title = document.title;
  let hiddenSince = 0;
  let timer = 0;

  const box = () => document.querySelector("#writing textarea");

  // A page that nobody looks at asks seldom, and after half an hour not at all.
  function wait() {
    clearTimeout(timer);
    const poller = document.getElementById("news");
    if (!poller) return;
    const hiddenFor = document.hidden ? (Date.now() - hiddenSince) / 1000 : 0;
    if (hiddenFor > FORGOTTEN_SECONDS) return;
    timer = setTimeout(ask, 1000 * (document.hidden ? HIDDEN_SECONDS : Number(poller.dataset.seconds)));
  }

  function ask() {
    const poller = document.getElementById("news");
    if (poller && navigator.onLine) htmx.trigger(poller, "news");
    wait();
  }

  function count() {
    const field = box();
    const told = document.querySelector("#writing .typed");
    if (!field || !told) return;
    const left = Number(field.dataset.longest) - field.value.length;
    told.textContent = `${left.toLocaleString(document.documentElement.lang)} ${told.dataset.typed}`;
    told.classList.toggle("over", left < 0);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenSince = Date.now();
      wait();
    } else {
      document.title = title;
      ask();
    }
  });

  document.addEventListener("input", (event) => {
    if (event.target === box()) count();
  });

  // Where a keyboard is at hand, Enter sends and Shift with Enter begins a line; on a phone the button sends.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== box()) return;
    if (matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    if (!event.repeat) event.target.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-say]");
    if (!opener || !box()) return;
    event.preventDefault();
    box().value = opener.dataset.say;
    count();
    box().focus();
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id === "news") event.detail.parameters.seen = document.hidden ? "" : "on";
  });

  function failed(event) {
    if (event.detail.elt.id !== "writing") return;
    document.querySelector("#writing .failed").hidden = false;
  }
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:timeout", failed);

  document.addEventListener("htmx:oobAfterSwap", () => {
    if (!document.hidden) return;
    document.title = `• ${title}`;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id !== "writing") return;
    document.querySelector(".openers")?.toggleAttribute("hidden", !!document.querySelector("#lines .mine:not(.note)"));
    count();
    box()?.focus();
  });

  count();
  wait();
})();
