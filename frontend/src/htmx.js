// htmx with our rules: the token of the page on every request, our own dialog for questions, 5xx never swapped in.
import htmx from "htmx.org";
import { ask, tell } from "./dialog.js";

window.htmx = htmx;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const whole = xhr.status !== 422 && xhr.status >= 400 && !xhr.getResponseHeader("HX-Retarget");
  if (!whole) return;
  event.detail.shouldSwap = false;
  tell(xhr.status >= 500 ? "系统出现故障，您的操作没有生效，请稍后重试。" : "操作没有完成，请刷新页面后重试。");
});
document.addEventListener("htmx:sendError", () => tell("网络连接中断，您的操作没有生效，请稍后重试。"));
