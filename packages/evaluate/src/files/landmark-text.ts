/** Landmarks as files. */
import { escape as escapeXml } from "html-escaper";

/**
 * As menpo's landmark file, version 3, with one label for all.
 *
 * @param points `n x 3`
 */
export function ljsonText(points: Float64Array): string {
  const rows = rowsOf(points);
  const labels = [{ label: "all", mask: rows.map((_, i) => i) }];
  const group = { labels, landmarks: { connectivity: [], points: rows } };
  return `${JSON.stringify({ groups: { LJSON: group }, version: 3 }, null, 1)}\n`;
}

/**
 * As MeshLab's picked points, with the lines that MeshLab has, since there are readers that count them.
 *
 * @param points `n x 3`
 * @param names of the points, their numbers where not given
 */
export function ppText(points: Float64Array, names?: readonly string[]): string {
  return [
    "<!DOCTYPE PickedPoints>",
    "<PickedPoints>",
    " <DocumentData>",
    '  <DateTime time="" date=""/>',
    '  <User name=""/>',
    '  <DataFileName name=""/>',
    '  <templateName name=""/>',
    " </DocumentData>",
    ...rowsOf(points).map(([x, y, z], i) => {
      const name = escapeXml(names?.[i] ?? String(i));
      return ` <point x="${x}" y="${y}" z="${z}" active="1" name="${name}"/>`;
    }),
    "</PickedPoints>\n",
  ].join("\n");
}

/**
 * A point on each line.
 *
 * @param points `n x 3`
 */
export function pointRowsText(points: Float64Array): string {
  return rowsOf(points)
    .map((row) => `${row.join(" ")}\n`)
    .join("");
}

/**
 * As numpy's array of float32 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, 1.0).
 *
 * @param points `n x 3`
 */
export function npyBytes(points: Float64Array): Uint8Array {
  const shape = `(${points.length / 3}, 3)`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  // The numbers start at a multiple of 64.
  const start = 64 * Math.ceil((10 + header.length + 1) / 64);
  const bytes = new Uint8Array(start + 4 * points.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  view.setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  for (let i = 0; i < points.length; i++) view.setFloat32(start + 4 * i, points[i]!, true);
  return bytes;
}

function rowsOf(points: Float64Array): [number, number, number][] {
  return Array.from({ length: points.length / 3 }, (_, i) => [
    points[3 * i]!,
    points[3 * i + 1]!,
    points[3 * i + 2]!,
  ]);
}
