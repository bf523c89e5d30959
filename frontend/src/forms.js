// Forms that ask before they act, act once, warn before work is lost and show how far an upload is.
import { ask, tell } from "./dialog.js";

const CHANGED = new WeakSet();
const SENT = new WeakSet();

function hold(form) {
  form.setAttribute("aria-busy", "true");
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
}

function release(form) {
  SENT.delete(form);
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = false;
}

function progressOf(form) {
  const bar = form.querySelector("progress[data-upload]") ?? document.createElement("progress");
  bar.dataset.upload = "";
  bar.className = "upload-bar";
  bar.max = 100;
  bar.setAttribute("aria-label", "上传进度");
  if (!bar.isConnected) form.append(bar);
  bar.hidden = false;
  return bar;
}

// The answer to an upload takes the place of the page, as if the browser had sent the form itself.
function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const scripts = [...page.querySelectorAll("script[src]")].map((script) => script.getAttribute("src"));
  if (scripts.some((src) => !document.querySelector(`script[src="${src}"]`))) {
    window.location.assign(request.responseURL);
    return;
  }
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  if (request.responseURL !== window.location.href) window.history.pushState({}, "", request.responseURL);
  window.htmx.process(document.body);
  document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  window.scrollTo(0, 0);
}

// A plain multipart form is sent by script, so that its progress can be shown.
function send(form, submitter) {
  const request = new XMLHttpRequest();
  const bar = progressOf(form);
  request.upload.addEventListener("progress", (event) => {
    bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
  });
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => {
    release(form);
    bar.hidden = true;
    tell("上传中断，文件没有保存，请检查网络后重试。");
  });
  request.open("POST", form.getAttribute("action") || window.location.href);
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  request.send(body);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const { submitter } = event;
  const question = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !form.dataset.confirmed) {
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(question).then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    });
    return;
  }
  if (SENT.has(form)) {
    event.preventDefault();
    return;
  }
  CHANGED.delete(form);
  if (form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-boost=true] *")) return;
  SENT.add(form);
  if (form.enctype === "multipart/form-data") {
    event.preventDefault();
    send(form, submitter);
  }
  setTimeout(() => hold(form)); // after the browser has read the pressed button's name
}, true);

document.addEventListener("htmx:beforeRequest", (event) => event.target.closest("form") && hold(event.target.closest("form")));
document.addEventListener("htmx:afterRequest", (event) => event.target.closest("form") && release(event.target.closest("form")));
document.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target.closest("form[enctype='multipart/form-data'], form[hx-encoding='multipart/form-data']");
  if (form && event.detail.lengthComputable) progressOf(form).value = (100 * event.detail.loaded) / event.detail.total;
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) CHANGED.add(form);
});
window.addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (CHANGED.has(form)) event.preventDefault();
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) release(form);
});

// A filter form leaves empty fields out of the address.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData.entries()]) if (value === "") event.formData.delete(name);
});

// A fold of choices tells how many are chosen; its buttons choose all or none of them.
function tellChosen(fold) {
  const boxes = [...fold.querySelectorAll("input[type=checkbox]")];
  fold.querySelector("[data-chosen]").textContent = `已选 ${boxes.filter((box) => box.checked).length} / ${boxes.length}`;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  const fold = button.closest(".choices-fold");
  for (const box of fold.querySelectorAll("input[type=checkbox]")) box.checked = button.dataset.choose === "all";
  tellChosen(fold);
  button.dispatchEvent(new Event("input", { bubbles: true }));
});

// Lists: choosing all rows, and selects that send their form.
document.addEventListener("change", (event) => {
  const fold = event.target.closest(".choices-fold");
  if (fold) tellChosen(fold);
  const all = event.target.closest("[data-check-all]");
  if (all) {
    for (const box of all.closest("table").querySelectorAll("tbody input[type=checkbox]")) box.checked = all.checked;
  }
  const few = event.target.closest("[data-check-most]");
  if (few && event.target.type === "checkbox") {
    const boxes = [...few.querySelectorAll("input[type=checkbox]")];
    const full = boxes.filter((box) => box.checked).length >= Number(few.dataset.checkMost);
    for (const box of boxes) box.disabled = full && !box.checked;
  }
  if (event.target.closest("[data-submits]")) event.target.form.requestSubmit();
});
