// The survey by keyboard, and over a connection that fails. Without this file the buttons do the same.
const RETRY_AFTER = 3000;

// Keys: 1 to 5 answer, left and right choose, Enter answers, Backspace goes back.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const question = document.getElementById("question");
  if (!question || question.classList.contains("htmx-request")) return;
  if (event.key >= "1" && event.key <= "5") {
    question.querySelector(`button[value="${event.key}"]`)?.click();
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    choose(question, event.key === "ArrowRight" ? 1 : -1);
    event.preventDefault();
  } else if (event.key === "Backspace") {
    const back = question.querySelector("[data-back]");
    if (back) {
      event.preventDefault();
      back.click();
    }
  }
});

function choose(question, step) {
  const buttons = [...question.querySelectorAll(".likert button")];
  if (!buttons.length) return;
  const at = buttons.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : buttons.length - 1) : Math.min(Math.max(at + step, 0), buttons.length - 1);
  buttons[next].focus();
}

// The second click of a double click would answer the statement that has just appeared.
document.addEventListener(
  "click",
  (event) => {
    if (event.detail > 1 && event.target.closest("#question .likert")) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  true,
);

// What could not be sent is kept on the page, said to be unsaved, and sent again until it arrives.
let unsent = null;
let waiting = 0;

function tryAgain() {
  clearTimeout(waiting);
  const { form, button } = unsent ?? {};
  if (!form?.isConnected) unsent = null;
  else if (button) form.requestSubmit(button);
  // The form of ten is sent by a change; a plain submit would leave the page, and with it what is unsaved.
  else window.htmx.trigger(form, "change");
}

function failed(event) {
  const form = event.target.closest("form");
  if (!form) return;
  const button = event.detail.requestConfig?.triggeringEvent?.submitter ?? null;
  unsent = { form, button: button ?? undefined };
  if (button?.matches(".likert button")) {
    for (const other of form.querySelectorAll(".likert button")) other.setAttribute("aria-pressed", other === button);
  }
  const status = form.querySelector("[data-unsaved]");
  if (status) status.textContent = status.dataset.unsaved;
  clearTimeout(waiting);
  waiting = setTimeout(tryAgain, RETRY_AFTER);
}

// The next statement takes the focus from the button that is gone, so that it is read aloud and Tab goes on from there.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "question" || event.detail.target?.id === "question") {
    document.getElementById("statement")?.focus({ preventScroll: true });
  }
});

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  unsent = null;
  clearTimeout(waiting);
  for (const status of document.querySelectorAll("[data-failed]")) status.textContent = "";
});
window.addEventListener("online", () => unsent && tryAgain());
