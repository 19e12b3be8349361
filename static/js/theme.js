// The theme switch: keeps the choice in a cookie, so that the server already sends the next page in it.
const switches = document.querySelector("[data-theme-switch]");
const YEAR = 365 * 24 * 60 * 60;

if (switches) {
  const root = document.documentElement;
  const current = root.dataset.theme ?? "system";
  switches.querySelector(`input[value="${current}"]`).checked = true;
  switches.hidden = false;
  switches.addEventListener("change", (event) => {
    const theme = event.target.value;
    const isChosen = theme !== "system";
    const secure = location.protocol === "https:" ? "; secure" : "";
    if (isChosen) root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.cookie = `theme=${isChosen ? theme : ""}; path=/; max-age=${isChosen ? YEAR : 0}; samesite=lax${secure}`;
  });
}
