/** Ends with exit code 0 where the device that is named works, and is faster than the cpu. */
import { isFasterThanCpu } from "@ganfit/core";

const [device] = process.argv.slice(2);
const good =
  (device === "cuda" || device === "webgpu") && (await isFasterThanCpu(device).catch(() => false));
process.exit(good ? 0 : 1);
