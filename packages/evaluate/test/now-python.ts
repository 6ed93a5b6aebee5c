import { spawnSync } from "node:child_process";

/** Debian's Python before another on the path, if it has numpy and scipy; undefined where none has. */
export function pythonWithScipy(): string | undefined {
  return ["/usr/bin/python3", "python3"].find(
    (command) => spawnSync(command, ["-c", "import numpy, scipy.optimize"]).status === 0,
  );
}
