/** A report as one page: styles and charts within it, pictures beside it, no scripts. */

import type { Problem } from "../score.js";
import { chartSvg } from "./chart-svg.js";
import { escapeText } from "./escape-text.js";
import { HTML_STYLE } from "./html-style.js";
import { subjectsSection } from "./html-subjects.js";
import type { BenchmarkReport, Chart, Table } from "./report.js";
import { bestCells, cellText, isNumeric } from "./table-cells.js";

/**
 * A whole page, to be written beside the folder of its pictures.
 *
 * @param version of ganfit
 */
export function htmlOf(report: BenchmarkReport, version: string): string {
  const { title, protocol, tables, charts, subjects, problems } = report;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    // All names are escaped; should one ever not be, nothing of it may run.
    `<meta http-equiv="Content-Security-Policy" content="script-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeText(title)}</title>`,
    `<style>${HTML_STYLE}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<h1>${escapeText(title)}</h1>`,
    protocolList(protocol),
    ...tables.map(tableSection),
    chartsSection(charts),
    subjectsSection(subjects),
    problemsSection(problems),
    `<footer>Made by ganfit ${escapeText(version)}. Every figure, unrounded: <a href="report.csv">report.csv</a>, <a href="summary.csv">summary.csv</a>, <a href="report.json">report.json</a>.</footer>`,
    "</main>",
    "</body>",
    "</html>",
    "",
  ]
    .filter((part, i, all) => part !== "" || i === all.length - 1)
    .join("\n");
}

function protocolList(protocol: readonly string[]): string {
  if (protocol.length === 0) return "";
  return `<ul class="protocol">${protocol.map((line) => `<li>${escapeText(line)}</li>`).join("")}</ul>`;
}

function tableSection(table: Table): string {
  const { title, columns, rows, note } = table;
  const best = bestCells(table);
  const kind = (c: number) => (isNumeric(table, c) ? ' class="number"' : "");
  const header = columns.map(({ name }, c) => `<th scope="col"${kind(c)}>${escapeText(name)}</th>`);
  const body = rows.map((row, r) => {
    const cells = row.map((cell, c) => {
      const text = escapeText(cellText(cell, columns[c]));
      return `<td${kind(c)}>${best[r]![c] ? `<strong>${text}</strong>` : text}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return [
    `<section><h2>${escapeText(title)}</h2>`,
    `<div class="scroll"><table><thead><tr>${header.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody></table></div>`,
    note ? `<p class="note">${escapeText(note)}</p></section>` : "</section>",
  ].join("\n");
}

function chartsSection(charts: readonly Chart[]): string {
  if (charts.length === 0) return "";
  const figures = charts.map((chart) => `<figure>${chartSvg(chart)}</figure>`);
  return `<section><h2>Charts</h2><div class="charts">\n${figures.join("\n")}</div></section>`;
}

function problemsSection(problems: readonly Problem[]): string {
  if (problems.length === 0) return "";
  const rows = problems.map(
    ({ system, subject, problem }) =>
      `<tr>${[system, subject, problem].map((text) => `<td>${escapeText(text)}</td>`).join("")}</tr>`,
  );
  return [
    "<section><h2>Not scored</h2>",
    '<div class="scroll"><table class="problems"><thead><tr><th scope="col">system</th><th scope="col">subject</th><th scope="col">problem</th></tr></thead>',
    `<tbody>${rows.join("\n")}</tbody></table></div></section>`,
  ].join("\n");
}
