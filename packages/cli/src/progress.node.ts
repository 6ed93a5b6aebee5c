import { SingleBar } from "cli-progress";

export interface ProgressLine {
  /** A step whose length is not known. */
  stage(what: string): void;
  /** How far a step has come. */
  share(what: string, done: number, total: number): void;
  /** Clears the line. */
  stop(): void;
}

/** Progress on the terminal's error stream; silent where that is no terminal. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let bar: SingleBar | null = null;
  const stop = () => {
    bar?.stop();
    bar = null;
  };
  return {
    stage(what) {
      stop();
      if (stream.isTTY) stream.write(`${what} ...\n`);
    },
    share(what, done, total) {
      if (!bar) {
        bar = new SingleBar({
          format: `${what} {bar} {percentage} %`,
          stream,
          noTTYOutput: false,
          clearOnComplete: true,
          hideCursor: true,
        });
        bar.start(total, done);
      }
      bar.update(done);
    },
    stop,
  };
}
