/** Charts as SVG: for the page as they are, and for pictures through resvg. */

import { GanfitError } from "@ganfit/core";
import { extent, max, min } from "d3-array";
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { escapeText } from "./escape-text.js";
import type { Chart } from "./report.js";

/**
 * Okabe and Ito 2008, "Color Universal Design", without its black, which the axes have, and its yellow,
 * which white swallows.
 */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** Their number shares no factor with that of the colours, so that thirty lines all look different. */
const DASHES = ["", "8 4", "2 3", "10 3 2 3", "14 4"];

const WIDTH = 720;

/** Of the axes' box, in the picture's units. */
const PLOT = { left: 72, top: 52, right: WIDTH - 24, bottom: 372 } as const;

/** The font that pictures are drawn with, and what browsers may take instead. */
const FONT = "'DejaVu Sans', Verdana, sans-serif";

/** Width of a letter of the legend; DejaVu Sans is about this wide, and no library need measure it. */
const LETTER = 7.4;

const LEGEND = { row: 22, sample: 34, gap: 22, letters: 40 } as const;

type Series = Chart["series"][number];

/** Positions in the picture. */
interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/**
 * A chart of 720 units across, its height as its legend needs. Ink is `currentColor` and the paper has the
 * class `paper`, so that a page may set both; by itself it is dark on white.
 *
 * @throws GanfitError `usage` where a series' x and y do not belong together
 */
export function chartSvg(chart: Chart): string {
  for (const series of chart.series) checkLengths(chart, series);
  const x = xScale(chart);
  const y = scaleLinear(yDomain(chart), [PLOT.bottom, PLOT.top]).nice(6);
  const scales: Scales = { x, y };
  const legend = legendOf(chart.series.map(({ name }) => name));
  const height = PLOT.bottom + 62 + legend.height;
  const format = { x: chart.xScale === "log" ? powerOfTen : x.tickFormat(8), y: y.tickFormat(6) };
  const draw = chart.kind === "histogram" ? histogramPath : linePath;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" color="#1f2328" font-family="${FONT}" font-size="13" role="img" aria-label="${escapeText(chart.title)}">`,
    `<rect class="paper" width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(PLOT.left, 30, chart.title, 'font-size="16" font-weight="bold"'),
    ...y.ticks(6).map((value) => yTick(y(value), format.y(value))),
    ...x.ticks(8).map((value) => xTick(x(value), format.x(value))),
    `<path d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}" fill="none" stroke="currentColor"/>`,
    ...chart.series.map((series, i) => draw(series, i, scales)),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 44, chart.x, 'text-anchor="middle"'),
    text(
      0,
      0,
      chart.y,
      `text-anchor="middle" transform="translate(20 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)"`,
    ),
    ...legend.entries.map((entry, i) => legendEntry(entry, i)),
    "</svg>\n",
  ].join("\n");
}

function checkLengths({ name, kind }: Chart, series: Series): void {
  const edges = kind === "histogram" ? 1 : 0;
  if (series.x.length === series.y.length + edges) return;
  throw new GanfitError(
    "usage",
    `The chart ${name} has ${series.x.length} values of x and ${series.y.length} of y for ${series.name}, which do not belong together.`,
  );
}

function xScale({ series, xScale: kind = "linear" }: Chart) {
  const values = series.flatMap(({ x }) => x.filter((value) => Number.isFinite(value)));
  const range = [PLOT.left, PLOT.right];
  if (kind === "log") {
    return scaleLog(
      spread(
        extent(values.filter((value) => value > 0)),
        ([low, high]) => [low / 2, high * 2],
        [1, 10],
      ),
      range,
    ).nice();
  }
  return scaleLinear(
    spread(extent(values), ([low, high]) => [low - 0.5, high + 0.5], [0, 1]),
    range,
  );
}

/** A logarithmic scale has more ticks than there is room for numbers. */
function powerOfTen(value: number): string {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-9 ? String(value) : "";
}

/** From zero, unless there are negative numbers. */
function yDomain({ series }: Chart): [number, number] {
  const values = series.flatMap(({ y }) => y.filter((value) => Number.isFinite(value)));
  const low = Math.min(0, min(values) ?? 0);
  const high = Math.max(0, max(values) ?? 1);
  return high > low ? [low, high] : [0, 1];
}

/** A range that has a width, whatever the data are. */
function spread(
  [low, high]: [number, number] | [undefined, undefined],
  widened: (range: [number, number]) => [number, number],
  empty: [number, number],
): [number, number] {
  if (low === undefined) return empty;
  return high > low ? [low, high] : widened([low, high]);
}

function linePath({ x, y }: Series, index: number, scales: Scales): string {
  const points = x.map((value, i) => [scales.x(value), scales.y(y[i]!)] as [number, number]);
  const path = line()
    .defined(([px, py]) => Number.isFinite(px + py))
    .digits(2)(points);
  return `<path d="${path ?? ""}" fill="none" ${strokeOf(index)} stroke-linejoin="round"/>`;
}

function histogramPath({ x, y }: Series, index: number, scales: Scales): string {
  const at = (value: number) => Number(value.toFixed(2));
  const ground = at(scales.y(0));
  let path = "";
  y.forEach((value, i) => {
    const left = scales.x(x[i]!);
    const right = scales.x(x[i + 1]!);
    const top = Number.isFinite(value) ? at(scales.y(value)) : ground;
    if (!Number.isFinite(left + right)) return;
    path += `${path ? "L" : `M${at(left)} ${ground}L`}${at(left)} ${top}H${at(right)}`;
  });
  if (path) path += `V${ground}`;
  return `<path d="${path}" fill="${COLOURS[index % COLOURS.length]}" fill-opacity="0.16" ${strokeOf(index)} stroke-linejoin="round"/>`;
}

function strokeOf(index: number): string {
  const dashes = DASHES[index % DASHES.length];
  const dashed = dashes ? ` stroke-dasharray="${dashes}"` : "";
  return `stroke="${COLOURS[index % COLOURS.length]}" stroke-width="2"${dashed}`;
}

function yTick(y: number, label: string): string {
  const at = y.toFixed(2);
  return (
    `<path d="M${PLOT.left} ${at}H${PLOT.right}" stroke="currentColor" stroke-opacity="0.14"/>` +
    text(PLOT.left - 8, y + 4.5, label, 'text-anchor="end"')
  );
}

function xTick(x: number, label: string): string {
  const at = x.toFixed(2);
  return (
    `<path d="M${at} ${PLOT.bottom}v${label ? 6 : 3}" stroke="currentColor"/>` +
    (label ? text(x, PLOT.bottom + 22, label, 'text-anchor="middle"') : "")
  );
}

interface LegendEntry {
  readonly name: string;
  readonly shown: string;
  readonly x: number;
  readonly y: number;
}

/** Names in rows below the axes, as many in each as there is room for. */
function legendOf(names: readonly string[]): { entries: LegendEntry[]; height: number } {
  let x: number = PLOT.left;
  let y = PLOT.bottom + 76;
  const entries = names.map((name) => {
    const letters = [...name];
    const shown =
      letters.length > LEGEND.letters ? `${letters.slice(0, LEGEND.letters - 1).join("")}…` : name;
    const width = LEGEND.sample + [...shown].length * LETTER + LEGEND.gap;
    if (x > PLOT.left && x + width - LEGEND.gap > PLOT.right) {
      x = PLOT.left;
      y += LEGEND.row;
    }
    const entry = { name, shown, x, y };
    x += width;
    return entry;
  });
  return { entries, height: entries.length > 0 ? y - PLOT.bottom - 76 + LEGEND.row + 10 : 0 };
}

function legendEntry({ name, shown, x, y }: LegendEntry, index: number): string {
  return (
    `<g><title>${escapeText(name)}</title>` +
    `<path d="M${x.toFixed(1)} ${y - 4.5}h26" fill="none" ${strokeOf(index)}/>` +
    `${text(x + LEGEND.sample, y, shown, "")}</g>`
  );
}

function text(x: number, y: number, content: string, attributes: string): string {
  const rest = attributes ? ` ${attributes}` : "";
  return `<text x="${Number(x.toFixed(2))}" y="${Number(y.toFixed(2))}" fill="currentColor"${rest}>${escapeText(content)}</text>`;
}
