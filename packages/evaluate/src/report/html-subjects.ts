/** The page's part for the subjects: what each system made of them, side by side. */
import { escapeText } from "./escape-text.js";
import type { SubjectRow } from "./report.js";
import { type ComparedSubject, compareSubjects, figureNames } from "./subjects.js";
import { figureText } from "./table-cells.js";

/** Subjects that are shown at once; the others are behind a click, and their pictures are not loaded. */
const OPEN = 12;

/** Worst first. Empty without subjects. */
export function subjectsSection(rows: readonly SubjectRow[]): string {
  if (rows.length === 0) return "";
  const subjects = compareSubjects(rows).map(subjectCard);
  const rest = subjects.slice(OPEN);
  return [
    "<section><h2>Subjects</h2>",
    '<p class="note">Worst first: by the place that a subject has in the order of the system it is worst for.</p>',
    ...subjects.slice(0, OPEN),
    ...(rest.length > 0
      ? [`<details><summary>The other ${rest.length} subjects</summary>`, ...rest, "</details>"]
      : []),
    "</section>",
  ].join("\n");
}

function subjectCard({ subject, rows }: ComparedSubject): string {
  const names = figureNames(rows);
  const pictures = rows.some((row) => row.pictures.length > 0)
    ? `<div class="systems">${rows.map(pictureColumn).join("")}</div>`
    : "";
  const header = names.map((name) => `<th scope="col" class="number">${escapeText(name)}</th>`);
  const body = rows.map(({ system, figures }) => {
    const cells = names.map((name) => `<td class="number">${figureText(figures[name])}</td>`);
    return `<tr><th scope="row">${escapeText(system)}</th>${cells.join("")}</tr>`;
  });
  return [
    `<article><h3>${escapeText(subject)}</h3>`,
    `<div class="scroll"><table><thead><tr><th scope="col">system</th>${header.join("")}</tr></thead>`,
    `<tbody>${body.join("")}</tbody></table></div>`,
    `${pictures}</article>`,
  ].join("\n");
}

function pictureColumn({ system, subject, pictures }: SubjectRow): string {
  const images = pictures.map(({ title, file }) => {
    const alt = escapeText(`${title}: ${subject} by ${system}`);
    return `<a href="${urlOf(file)}"><img src="${urlOf(file)}" alt="${alt}" loading="lazy"></a>`;
  });
  return `<div class="system"><h4>${escapeText(system)}</h4>${images.join("")}</div>`;
}

/** A relative address of a file: a colon in its name makes no scheme, an apostrophe ends no attribute. */
function urlOf(file: string): string {
  // UTF-8 has no halves of surrogate pairs, at which encodeURIComponent would throw.
  const name = new TextDecoder().decode(new TextEncoder().encode(file));
  return escapeText(name.split("/").map(encodeURIComponent).join("/"));
}
