import { backupRow, board, type Panel } from './figures.ts';

const columns = 24;
const panelHeight = 8;

/** The name by which panels ask for their source; `datasourceFile` gives it. */
const source = { type: 'prometheus', uid: 'liaison-prometheus' } as const;

/** The board of a site as Grafana imports it: what `figures.ts` lists, row by row. */
export function dashboard(title: string): string {
  const panels: unknown[] = [];
  let y = 0;
  for (const row of [...board, backupRow]) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    const across = row.panels.length % 3 === 0 ? 3 : 2;
    const width = columns / across;
    row.panels.forEach((panel, at) => {
      const place = { x: (at % across) * width, y: y + Math.floor(at / across) * panelHeight };
      panels.push(picture(panel, panels.length + 1, { ...place, w: width, h: panelHeight }));
    });
    y += Math.ceil(row.panels.length / across) * panelHeight;
  }
  const whole = {
    uid: 'liaison',
    title,
    tags: ['liaison'],
    schemaVersion: 41,
    version: 1,
    editable: false,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [] },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function picture(panel: Panel, id: number, gridPos: Record<'x' | 'y' | 'w' | 'h', number>) {
  return {
    id,
    type: 'timeseries',
    title: panel.title,
    description: panel.about,
    datasource: source,
    gridPos,
    fieldConfig: {
      defaults: { unit: panel.unit, min: 0, custom: { lineWidth: 2, fillOpacity: 8, showPoints: 'never' } },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: panel.series.map(({ expression, legend }, at) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + at),
      datasource: source,
      expr: expression,
      legendFormat: legend,
    })),
  };
}

/** Tells Grafana where Prometheus is; YAML is a superset of JSON. */
export function datasourceFile(prometheusUrl: string): string {
  const datasources = [
    {
      name: 'Prometheus',
      type: source.type,
      uid: source.uid,
      access: 'proxy',
      url: prometheusUrl,
      isDefault: true,
    },
  ];
  return `${JSON.stringify({ apiVersion: 1, datasources }, undefined, 2)}\n`;
}

/** Tells Grafana in which folder its boards lie. */
export function boardsFile(folder: string): string {
  const providers = [{ name: 'liaison', type: 'file', allowUiUpdates: false, options: { path: folder } }];
  return `${JSON.stringify({ apiVersion: 1, providers }, undefined, 2)}\n`;
}
