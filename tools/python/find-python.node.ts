import { spawnSync } from "node:child_process";

/**
 * Debian's Python before another that comes first in the path, if it has the modules, such as `numpy, scipy.sparse`;
 * undefined where none has them.
 */
export function pythonWith(modules: string): string | undefined {
  return ["/usr/bin/python3", "python3"].find(
    (command) => spawnSync(command, ["-c", `import ${modules}`]).status === 0,
  );
}
