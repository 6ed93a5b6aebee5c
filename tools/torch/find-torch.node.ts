import { spawnSync } from "node:child_process";

/**
 * The Python that has PyTorch and NumPy, Debian's own before another on the path, which may be an environment without
 * them. Undefined where none has.
 */
export function pythonWithTorch(): string | undefined {
  return ["/usr/bin/python3", "python3"].find(
    (command) => spawnSync(command, ["-c", "import numpy, torch"]).status === 0,
  );
}
