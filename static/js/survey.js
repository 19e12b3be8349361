// Keys for the survey: 1 to 5 answer, Backspace goes back. Without this file the buttons do the same.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const question = document.getElementById("question");
  if (!question || question.classList.contains("htmx-request")) return;
  if (event.key >= "1" && event.key <= "5") {
    question.querySelector(`button[value="${event.key}"]`)?.click();
  } else if (event.key === "Backspace" || event.key === "ArrowLeft") {
    const back = question.querySelector("[data-back]");
    if (back) {
      event.preventDefault();
      back.click();
    }
  }
});
