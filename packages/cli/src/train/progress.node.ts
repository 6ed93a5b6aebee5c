/** What `ganfit train` tells while it works: a line that changes on a terminal, one now and then elsewhere. */
import type { TrainingReport } from "@ganfit/train";

export interface TrainingProgress {
  stage(what: string): void;
  step(report: TrainingReport): void;
  /** Takes the changing line away. */
  stop(): void;
}

/** The parts of a stream that are needed. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Between two lines where there is no terminal, milliseconds. */
const INTERVAL = 30_000;
const ERASE = "\r\x1b[2K";

/**
 * @param stream null for silence
 * @param images to be shown in all
 */
export function createTrainingProgress(
  stream: ProgressStream | null,
  images: number,
  now: () => number = () => performance.now(),
): TrainingProgress {
  const live = stream?.isTTY === true;
  let shown = false;
  let last = Number.NEGATIVE_INFINITY;
  let first: { readonly time: number; readonly images: number } | undefined;
  const stop = () => {
    if (shown) stream?.write(ERASE);
    shown = false;
  };
  return {
    stop,
    stage(what) {
      stop();
      stream?.write(`${what} ...\n`);
    },
    step(report) {
      const time = now();
      first ??= { time, images: report.images };
      if (!live && time - last < INTERVAL) return;
      last = time;
      const rate = (report.images - first.images) / Math.max(1e-9, (time - first.time) / 1000);
      const line = lineOf(report, images, rate);
      if (live) {
        stream.write(`${ERASE}${line.slice(0, Math.max(1, (stream.columns || 80) - 1))}`);
        shown = true;
      } else stream?.write(`${line}\n`);
    },
  };
}

function lineOf({ images, size, fade, losses }: TrainingReport, all: number, rate: number) {
  const fading = fade < 1 ? `, ${Math.round(100 * fade)} % in` : "";
  const speed = rate > 0 ? `  ${rate.toPrecision(3)} images/s` : "";
  const values = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return `${images}/${all} at ${size}${fading}${speed}  ${values.join("  ")}`;
}
