// Charts: <div class="chart" data-chart-url="…" data-label="…"></div>; the address answers an ECharts option.
// Beside every chart the page writes the same numbers as a table, for readers and for print.
import { BarChart, GraphChart, LineChart, PieChart, RadarChart } from "echarts/charts";
import { GridComponent, LegendComponent, RadarComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GraphChart, LineChart, PieChart, RadarChart, GridComponent, LegendComponent, RadarComponent, TooltipComponent, SVGRenderer]);

const COLOURS = ["#1558b0", "#0e7a6d", "#b45309", "#6d3fb5", "#b42318", "#4b5563"];

async function draw(place) {
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", place.dataset.label ?? "图表");
  const answer = await fetch(place.dataset.chartUrl);
  if (!answer.ok) {
    place.textContent = "图表暂时无法显示，请稍后刷新页面。";
    return;
  }
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption({ color: COLOURS, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, ...(await answer.json()) });
  new ResizeObserver(() => chart.resize()).observe(place);
  place.dataset.drawn = "yes";
}

for (const place of document.querySelectorAll("[data-chart-url]")) draw(place);
