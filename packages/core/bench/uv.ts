/**
 * The common texture layout on the default head, ICT-FaceKit and the Surrey Face Model. Lines of JSON:
 * for each model how far the network's 68 landmarks are from those of its file and the figures of its
 * layout; for each pair how far the 68 and the 468 landmarks lie apart in the texture, in percent of its
 * width.
 *
 *     npx tsx packages/core/bench/uv.ts [MODEL ...]
 */
import { ibug68Positions } from "../src/models/landmarks/embed-ibug68.js";
import { embedLandmarks } from "../src/models/landmarks/embed-landmarks.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { openModel } from "../src/models/readers/open-model.node.js";
import { surfacePositions } from "../src/models/surface-points.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { unwrapModel } from "../src/models/uv/uv-unwrap.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { disagreement, measureLayout, placesOf } from "./uv-measure.js";
import { compareIbug68, modelPaths, openWithLandmarks } from "./uv-models.js";

const round = (figures: object) =>
  JSON.parse(
    JSON.stringify(figures, (_, value) =>
      typeof value === "number" ? Number(value.toPrecision(4)) : value,
    ),
  );
const paths = process.argv.length > 2 ? process.argv.slice(2) : modelPaths();
const networks = await loadFaceNetworks();
const frame = await loadUvFrame();
const models: MorphableModel[] = [];
for (const path of paths) {
  const model = await openWithLandmarks(path, networks);
  // Without the file's own points to lead it, where it has any.
  if ((await openModel(path)).landmarks?.mediapipe478 == null) {
    const blind = await embedLandmarks(model, networks, { guided: false });
    const points = ibug68Positions(surfacePositions(model.mean, model.triangles, blind));
    console.log(
      JSON.stringify({ model: model.name, networkAgainstFileMm: compareIbug68(model, points) }),
    );
  }
  const start = process.cpuUsage();
  const uv = await unwrapModel(model, frame);
  const { user, system } = process.cpuUsage(start);
  models.push({ ...model, uv });
  const cpuSeconds = (user + system) / 1e6;
  console.log(
    JSON.stringify({
      model: model.name,
      ...round({ cpuSeconds, ...measureLayout(models.at(-1)!) }),
    }),
  );
}
await networks.dispose();
for (const [i, a] of models.entries()) {
  for (const b of models.slice(i + 1)) {
    const apart = (set: "ibug68" | "mediapipe478", count: number) => {
      const [p, q] = [a, b].map((m) => placesOf(m.uv!, m.landmarks![set]!).slice(0, 2 * count));
      return round(disagreement(p!, q!));
    };
    console.log(
      JSON.stringify({
        pair: [a.name, b.name],
        ibug68: apart("ibug68", 68),
        mediapipe468: apart("mediapipe478", 468),
      }),
    );
  }
}
