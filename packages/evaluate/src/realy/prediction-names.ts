/** File names of REALY's predictions: the names of its photographs. */

/** `side`: photographs from other directions, several of each subject. */
export const REALY_VIEWS = ["frontal", "side"] as const;
export type RealyView = (typeof REALY_VIEWS)[number];

export interface PredictionName {
  readonly file: string;
  /** The name without its ending. */
  readonly subject: string;
  /** From 1. */
  readonly id: number;
  readonly view: RealyView;
  /** Where it stands among the others. */
  readonly order: number;
}

/** @returns null for names that are neither `<id>.obj` nor `<id>_<k>.obj` */
export function parsePredictionName(file: string): PredictionName | null {
  const match = /^(([1-9]\d{0,5})(_\d{1,6})?)\.obj$/.exec(file);
  if (!match) return null;
  const [, subject = "", id, side] = match;
  return {
    file,
    subject,
    id: Number(id),
    view: side === undefined ? "frontal" : "side",
    order: orderOf(subject),
  };
}

/** REALY sorts by all digits together, so that 1_12 comes after 10_1. */
export function orderOf(subject: string): number {
  return Number(subject.replaceAll("_", ""));
}
