// Charts: <div class="chart" data-chart-url="…" data-label="…"></div>; the address answers an ECharts option. Or
// data-chart="ID" of a <script type="application/json"> in the page that holds one.
// Beside every chart the page writes the same numbers as a table, for readers and for print.
import { BarChart, GraphChart, LineChart, PieChart, RadarChart } from "echarts/charts";
import { GridComponent, LegendComponent, RadarComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GraphChart, LineChart, PieChart, RadarChart, GridComponent, LegendComponent, RadarComponent, TooltipComponent, SVGRenderer]);

const COLOURS = ["#1558b0", "#0e7a6d", "#b45309", "#6d3fb5", "#b42318", "#4b5563"];

async function fetched(url) {
  const answer = await fetch(url);
  return answer.ok ? answer.json() : null;
}

async function draw(place) {
  if (place.dataset.drawn) return;
  place.dataset.drawn = "begun";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", place.dataset.label ?? "图表");
  const option = place.dataset.chart ? JSON.parse(document.getElementById(place.dataset.chart).textContent) : await fetched(place.dataset.chartUrl);
  if (!option) {
    place.textContent = "图表暂时无法显示，请稍后刷新页面。";
    return;
  }
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption({ color: COLOURS, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, ...option });
  new ResizeObserver(() => chart.resize()).observe(place);
  place.dataset.drawn = "yes";
}

// htmx tells of the whole page first and of every part it brings later.
document.addEventListener("htmx:load", (event) => {
  for (const place of event.target.querySelectorAll("[data-chart-url]:not([data-drawn]), [data-chart]:not([data-drawn])")) draw(place);
});
for (const place of document.querySelectorAll("[data-chart-url], [data-chart]")) draw(place);
