/** Subjects side by side: the same subject of several systems, and the names of their figures. */
import type { SubjectRow } from "./report.js";

/** One subject as every system has it. */
export interface ComparedSubject {
  readonly subject: string;
  /** In the order in which systems first come in the report. */
  readonly rows: readonly SubjectRow[];
}

/** Names of all figures, in the order in which they first come. */
export function figureNames(rows: readonly SubjectRow[]): string[] {
  return [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
}

/** Systems in the order in which they first come. */
export function systemNames(rows: readonly Pick<SubjectRow, "system">[]): string[] {
  return [...new Set(rows.map(({ system }) => system))];
}

/**
 * The subjects by their worst place in any system's order, so that a failure of one system stands near
 * the top whatever the others made of it.
 *
 * @param rows worst first within each system
 */
export function compareSubjects(rows: readonly SubjectRow[]): ComparedSubject[] {
  const places = new Map<string, number>();
  const subjects = new Map<string, { worst: number; rows: SubjectRow[] }>();
  for (const row of rows) {
    const place = places.get(row.system) ?? 0;
    places.set(row.system, place + 1);
    const found = subjects.get(row.subject);
    if (!found) subjects.set(row.subject, { worst: place, rows: [row] });
    else {
      found.worst = Math.min(found.worst, place);
      found.rows.push(row);
    }
  }
  const order = [...places.keys()];
  const rank = ({ system }: SubjectRow) => order.indexOf(system);
  return [...subjects]
    .sort(([, a], [, b]) => a.worst - b.worst)
    .map(([subject, { rows: own }]) => ({
      subject,
      rows: own.sort((a, b) => rank(a) - rank(b)),
    }));
}
