// The charts of the pages as one module, with no more of the library in it than the pages draw; `scripts/up` bundles it
// (hotline/install/browser_parts.py).
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  AriaComponent, BarChart, DataZoomComponent, GridComponent, HeatmapChart, LegendComponent, LineChart, MarkAreaComponent,
  SVGRenderer, TooltipComponent,
]);

export { init };
