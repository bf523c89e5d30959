// The live process diagram: the model's own picture with the case's progress painted on it.
// <div class="flow-chart" data-bpmn-url="…" data-progress-url="…"></div>; progress is {element id: state}.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./bpmn.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const MARKERS = { DONE: "flow-done", CURRENT: "flow-current", CANCELLED: "flow-cancelled", RETURNED: "flow-returned" };

async function fetched(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json, application/xml, text/xml" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

function tool(chart, text, label, act) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-sm", textContent: text });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  chart.querySelector(".flow-tools").append(button);
}

async function draw(chart) {
  const stage = document.createElement("div");
  stage.className = "flow-stage";
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", chart.dataset.label ?? "流程图，办理进度同页面上的步骤条");
  const tools = document.createElement("div");
  tools.className = "flow-tools";
  chart.replaceChildren(tools, stage);
  try {
    const viewer = new NavigatedViewer({ container: stage });
    await viewer.importXML(await (await fetched(chart.dataset.bpmnUrl)).text());
    const canvas = viewer.get("canvas");
    const fit = () => canvas.zoom("fit-viewport", "auto");
    fit();
    tool(chart, "适应", "适应窗口", fit);
    tool(chart, "放大", "放大流程图", () => viewer.get("zoomScroll").stepZoom(1));
    tool(chart, "缩小", "缩小流程图", () => viewer.get("zoomScroll").stepZoom(-1));
    if (chart.dataset.progressUrl) {
      const progress = await (await fetched(chart.dataset.progressUrl)).json();
      for (const [id, state] of Object.entries(progress)) {
        if (viewer.get("elementRegistry").get(id) && MARKERS[state]) canvas.addMarker(id, MARKERS[state]);
      }
    }
    chart.dataset.drawn = "yes";
  } catch (error) {
    stage.textContent = "流程图暂时无法显示，请稍后刷新页面。";
    chart.dataset.drawn = `failed: ${error.message}`;
  }
}

for (const chart of document.querySelectorAll("[data-bpmn-url]")) draw(chart);
document.addEventListener("htmx:afterSettle", () => {
  for (const chart of document.querySelectorAll("[data-bpmn-url]:not([data-drawn])")) draw(chart);
});
