/** ICT-FaceKit made ready for fits, as `ganfit models add` would keep it, once into `.cache`. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { completeModel } from "../src/models/complete-model.js";
import { openModel } from "../src/models/readers/open-model.node.js";
import { addModel } from "../src/models/store/store.node.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { ictFaceKit } from "../test/ict-facekit.js";

const NAME = "ict-facekit";
const HOME = fileURLToPath(new URL("../../../.cache/ganfit", import.meta.url));

/** Path of its compact file; null where ICT-FaceKit is absent. */
export async function ictModelFile(): Promise<string | null> {
  const path = `${HOME}/models/${NAME}.gfm`;
  if (existsSync(path)) return path;
  const folder = ictFaceKit();
  if (folder === null) return null;
  const networks = await loadFaceNetworks();
  try {
    const model = await completeModel(await openModel(folder), networks, await loadUvFrame());
    return await addModel(NAME, model, { home: HOME });
  } finally {
    await networks.dispose();
  }
}
