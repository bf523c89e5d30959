// Speaking with the reader: a question in the page's own <dialog>, a sentence on top of the page.
export function ask(question) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = question;
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = (event) => {
      const choice = event.target.closest("[data-answer]");
      if (event.type === "click" && !choice) return;
      dialog.removeEventListener("click", answer);
      dialog.removeEventListener("cancel", answer);
      if (dialog.open) dialog.close();
      resolve(choice?.dataset.answer === "yes");
    };
    dialog.addEventListener("click", answer);
    dialog.addEventListener("cancel", answer);
  });
}

export function tell(text) {
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.setAttribute("role", "alert");
  alert.textContent = text;
  document.getElementById("flashes").replaceChildren(alert);
}
