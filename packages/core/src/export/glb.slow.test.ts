/** ICT-FaceKit, as published, as GLB. */
import validator from "gltf-validator";
import { expect, test } from "vitest";
import { ictFaceKit, needsIct } from "../../test/ict-facekit.js";
import { plainHead } from "../../test/plain-model.js";
import { meshesOf, morphed, readGlb } from "../../test/three-glb.js";
import { encodePng } from "../image/encode.node.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { partMeshes } from "../models/part-meshes.js";
import { openIctFaceKit } from "../models/readers/ict-facekit.node.js";
import { writeGlb } from "./glb.js";

const directory = ictFaceKit();

test.skipIf(directory === null)(
  needsIct(directory, "ICT-FaceKit is valid, and as it was"),
  async () => {
    const head = plainHead(await openIctFaceKit(directory!));
    head.expression[head.model.expression.names.indexOf("jawOpen")] = 0.6;
    head.identity[3] = 1.5;
    const bytes = await writeGlb(head, { encode: encodePng, generator: "ganfit's tests" });
    const { issues } = await validator.validateBytes(bytes);
    expect(issues.messages).toEqual([]);
    expect(bytes.length).toBeLessThan(12e6);
    const meshes = meshesOf(await readGlb(bytes));
    const expected = evaluateModel(head.model, head.identity, head.expression);
    for (const { kind, vertices } of partMeshes(head.model)) {
      let worst = 0;
      morphed(meshes.get(kind)!).forEach((metres, i) => {
        const millimetres = expected[3 * vertices[Math.floor(i / 3)]! + (i % 3)]!;
        worst = Math.max(worst, Math.abs(metres - millimetres / 1000));
      });
      expect(worst, kind).toBeLessThan(1e-5);
    }
  },
);
