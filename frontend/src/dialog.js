// One question with yes and no, in the page's own <dialog>; the answer is a promise.
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
