/** What `ganfit ablate` measured, as JSON, CSV and a table for people. */
import { ABLATIONS, type AblatedFit, type FitMeasures, meanMeasures } from "@ganfit/core";

export interface AblatedPhoto {
  readonly name: string;
  /** One for each of `ABLATIONS`. */
  readonly fits: readonly Pick<AblatedFit, "ablation" | "measures">[];
}

export type TableRow = { readonly name: string } & FitMeasures;

export interface AblationTable {
  readonly photos: readonly { readonly name: string; readonly fits: readonly TableRow[] }[];
  /** Over the photos. */
  readonly mean: readonly TableRow[];
}

export function ablationTable(photos: readonly AblatedPhoto[]): AblationTable {
  return {
    photos: photos.map(({ name, fits }) => ({
      name,
      fits: fits.map(({ ablation, measures }) => ({ name: ablation.name, ...rounded(measures) })),
    })),
    mean: ABLATIONS.map(({ name }, i) => ({
      name,
      ...rounded(meanMeasures(photos.map(({ fits }) => fits[i]!.measures))),
    })),
  };
}

/** With a header. */
export function rowsOf(rows: readonly TableRow[]): string[][] {
  const header = ["fit", "landmarks", "pixels", "cosine", "identity", "expression", "latent"];
  const fixed = (value: number, digits: number) => value.toFixed(digits);
  return [
    header,
    ...rows.map((row) => [
      ABLATIONS.find(({ name }) => name === row.name)?.label ?? row.name,
      `${fixed(100 * row.landmarkError, 2)} %`,
      fixed(row.pixelError, 4),
      row.identityCosine === null ? "no face" : fixed(row.identityCosine, 3),
      fixed(row.identityNorm, 3),
      fixed(row.expressionNorm, 3),
      fixed(row.latentNorm, 3),
    ]),
  ];
}

const COLUMNS = [
  "landmarkError",
  "pixelError",
  "identityCosine",
  "identityNorm",
  "expressionNorm",
  "latentNorm",
] as const satisfies readonly (keyof FitMeasures)[];

/** A line for each photo and fit, as RFC 4180 has it; empty where there is no number. */
export function csvOf(photos: readonly AblatedPhoto[]): string {
  const lines = [
    ["photo", "fit", ...COLUMNS],
    ...ablationTable(photos).photos.flatMap(({ name, fits }) =>
      fits.map((row) => [
        `"${name.replaceAll('"', '""')}"`,
        row.name,
        ...COLUMNS.map((column) => row[column] ?? ""),
      ]),
    ),
  ];
  return `${lines.map((cells) => cells.join(",")).join("\r\n")}\r\n`;
}

function rounded(measures: FitMeasures): FitMeasures {
  return Object.fromEntries(
    Object.entries(measures).map(([name, value]: [string, number | null]) => [
      name,
      value === null ? null : Number(value.toPrecision(6)),
    ]),
  ) as unknown as FitMeasures;
}
