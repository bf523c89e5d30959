// The live process diagram: the model's own picture with the case's progress painted on it.
// <div class="flow-chart" data-bpmn-url="…" data-progress-url="…"></div>; progress is {element id: state}.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./bpmn.css";
import Viewer from "bpmn-js/lib/Viewer";

const MARKERS = { DONE: "flow-done", CURRENT: "flow-current", CANCELLED: "flow-cancelled", RETURNED: "flow-returned" };
const READABLE = 0.75; // below this scale the names of steps cannot be read, so the picture scrolls instead
const MARGIN = 24;

async function fetched(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json, application/xml, text/xml" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

function frame(chart) {
  const [tools, scroll, stage] = ["flow-tools", "flow-scroll", "flow-stage"].map((name) => {
    const part = document.createElement("div");
    part.className = name;
    return part;
  });
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", chart.dataset.label ?? "流程图，可滚动；办理进度同页面上的步骤条");
  scroll.append(stage);
  chart.replaceChildren(tools, scroll);
  return { tools, scroll, stage };
}

// The picture keeps its own size and the frame scrolls: the same with mouse, finger and keyboard.
function sized(viewer, { scroll, stage }) {
  const canvas = viewer.get("canvas");
  const { inner } = canvas.viewbox();
  const whole = Math.min(1, (scroll.clientWidth - 2 * MARGIN) / inner.width);
  const to = (scale) => {
    stage.style.width = `${Math.max(scroll.clientWidth, inner.width * scale + 2 * MARGIN)}px`;
    stage.style.height = `${inner.height * scale + 2 * MARGIN}px`;
    canvas.resized();
    const [width, height] = [stage.clientWidth / scale, stage.clientHeight / scale];
    canvas.viewbox({ x: inner.x - MARGIN / scale, y: inner.y - MARGIN / scale, width, height });
    return scale;
  };
  return { whole, to };
}

function addTools({ tools, scroll, stage }, { whole, to }, scale) {
  const here = () => stage.querySelector(".djs-shape.flow-current") ?? [...stage.querySelectorAll(".djs-shape.flow-done")].pop();
  const jump = () => {
    const found = here()?.getBoundingClientRect();
    if (!found) return;
    const seen = scroll.getBoundingClientRect();
    scroll.scrollLeft += found.left + found.width / 2 - seen.left - seen.width / 2;
    scroll.scrollTop += found.top + found.height / 2 - seen.top - seen.height / 2;
  };
  const acts = [
    ["当前步骤", jump],
    ["全图", () => (scale = to(whole))],
    ["放大", () => (scale = to(Math.min(2, scale * 1.25))) && jump()],
    ["缩小", () => (scale = to(Math.max(whole, scale / 1.25))) && jump()],
  ];
  for (const [text, act] of acts) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm", textContent: text });
    button.addEventListener("click", act);
    tools.append(button);
  }
  jump();
}

async function draw(chart) {
  chart.dataset.drawn = "drawing";
  const parts = frame(chart);
  try {
    const viewer = new Viewer({ container: parts.stage });
    await viewer.importXML(await (await fetched(chart.dataset.bpmnUrl)).text());
    const progress = chart.dataset.progressUrl ? await (await fetched(chart.dataset.progressUrl)).json() : {};
    for (const [id, state] of Object.entries(progress)) {
      if (viewer.get("elementRegistry").get(id) && MARKERS[state]) viewer.get("canvas").addMarker(id, MARKERS[state]);
    }
    const sizes = sized(viewer, parts);
    chart.append(parts.stage.querySelector(".bjs-powered-by")); // the mark stays in sight while the picture scrolls
    addTools(parts, sizes, sizes.to(Math.max(sizes.whole, READABLE)));
    chart.dataset.drawn = "yes";
  } catch (error) {
    parts.stage.textContent = "流程图暂时无法显示，请稍后刷新页面。";
    chart.dataset.drawn = `failed: ${error.message}`;
  }
}

for (const chart of document.querySelectorAll("[data-bpmn-url]")) draw(chart);
document.addEventListener("htmx:afterSettle", () => {
  for (const chart of document.querySelectorAll("[data-bpmn-url]:not([data-drawn])")) draw(chart);
});
