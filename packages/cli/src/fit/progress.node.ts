/** What `ganfit fit` tells while it works: one line that changes on a terminal, plain lines elsewhere. */
import type { FitProgress } from "@ganfit/core";

export interface FitReporter {
  /** What is done before and after the fit itself. */
  stage(what: string): void;
  /** A photo's fit. */
  fit(photo: string, progress: FitProgress): void;
  /** A line that stays. */
  say(line: string): void;
  /** Takes the changing line away. */
  stop(): void;
}

/** The parts of a stream that are needed. */
export interface ReporterStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const STAGES: Readonly<Record<FitProgress["stage"], string>> = {
  face: "looking for the face",
  landmarks: "fitting the landmarks",
  compile: "preparing the gradient",
  fit: "fitting",
  texture: "making the texture",
};

/** Steps between two plain lines. */
const EVERY = 20;
/** From the line's start to its end: erases what it was. */
const ERASE = "\r\x1b[2K";

export const SILENT: FitReporter = { stage() {}, fit() {}, say() {}, stop() {} };

export function createReporter(
  stream: ReporterStream = process.stderr,
  now: () => number = () => performance.now(),
): FitReporter {
  const live = stream.isTTY === true;
  let shown = false;
  let started = 0;
  const say = (line: string) => {
    stop();
    stream.write(`${line}\n`);
  };
  const change = (line: string) => {
    stream.write(`${ERASE}${line.slice(0, Math.max(1, (stream.columns || 80) - 1))}`);
    shown = true;
  };
  const stop = () => {
    if (shown) stream.write(ERASE);
    shown = false;
  };
  const stage = (what: string) => (live ? change(`${what} ...`) : say(what));
  return {
    stage,
    say,
    stop,
    fit(photo, { stage: name, step, steps, losses }) {
      if (!losses) {
        started = now();
        stage(`${photo}: ${STAGES[name]}`);
        return;
      }
      if (!live && step % EVERY !== 0 && step !== steps) return;
      const seconds = (((now() - started) / step) * (steps - step)) / 1000;
      const left = step === steps ? "" : `  ${duration(seconds)} left`;
      const line = `${photo}: step ${step}/${steps}${left}  ${lossLine(losses)}`;
      if (live) change(line);
      else say(line);
    },
  };
}

/** The energy and the terms that compare with the photo. */
function lossLine(losses: NonNullable<FitProgress["losses"]>): string {
  const terms = (["energy", "identity", "pixel", "landmark"] as const).map(
    (name) => `${name} ${losses[name].toPrecision(4)}`,
  );
  return terms.join("  ");
}

function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
