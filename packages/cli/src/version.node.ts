import { readFileSync } from "node:fs";

/** The version of this package. */
export function ganfitVersion(): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}

/** The versions that a fit.json names. */
export async function versions() {
  // Only here, since it loads a large library.
  const { env } = await import("onnxruntime-node");
  return {
    ganfit: ganfitVersion(),
    runtime: `node ${process.versions.node}`,
    onnxruntime: env.versions.node ?? env.versions.common,
  };
}
