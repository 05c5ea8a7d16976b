/** Generates the JSON of the Grafana dashboard from the panels. */
import { type Panel, rows } from "./panels.ts";

/** A dashboard variable: Grafana shows a list of data sources to choose from. */
const datasource = { type: "prometheus", uid: "$datasource" };
const columns = 24;
const panelHeight = 8;

export function grafanaDashboard(): string {
  const dashboard = {
    uid: "soketify",
    title: "Soketify",
    tags: ["soketify"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: { list: variables() },
    panels: layOut(),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function variables() {
  const query = "label_values(soketify_ready, job)";
  return [
    { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
    { name: "job", label: "Job", type: "query", datasource, query, refresh: 2, includeAll: false },
  ];
}

/** Places each row of panels below its title, with the panels side by side. */
function layOut() {
  const laidOut: object[] = [];
  let y = 0;
  for (const [title, panels] of Object.entries(rows)) {
    laidOut.push(rowOf(title, laidOut.length + 1, y));
    y += 1;
    const w = columns / panels.length;
    for (const [index, panel] of panels.entries())
      laidOut.push(panelOf(panel, laidOut.length + 1, { x: index * w, y, w, h: panelHeight }));
    y += panelHeight;
  }
  return laidOut;
}

function rowOf(title: string, id: number, y: number) {
  return { id, type: "row", title, collapsed: false, gridPos: { x: 0, y, w: columns, h: 1 }, panels: [] };
}

function panelOf({ title, unit, queries }: Panel, id: number, gridPos: object) {
  return {
    id,
    type: "timeseries",
    title,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
    })),
  };
}
