// The frame of the page: large type, menus that show where one is and close themselves, the way back.
const root = document.documentElement;

// A long menu shows where one is.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest" });

document.addEventListener("click", (event) => {
  const large = event.target.closest("[data-large-type]");
  if (large) {
    const on = root.classList.toggle("large-type");
    large.setAttribute("aria-pressed", String(on));
    document.cookie = `large_type=${on ? 1 : 0}; path=/; max-age=31536000; SameSite=Lax`;
  }
  const account = event.target.closest("[data-fill]");
  if (account) {
    for (const [name, value] of new URLSearchParams(account.dataset.fill)) document.querySelector(`main [name="${name}"]`).value = value;
    document.querySelector("main form button[type=submit]").focus();
  }
  if (event.target.closest("[data-back]")) window.history.back();
  if (event.target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
