import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EosWriter } from "../../../test/eos-archive.js";
import { ictFaceKit, needsIct } from "../../../test/ict-facekit.js";
import { sampleModel } from "../../../test/sample-model.js";
import { needs, shared } from "../../../test/shared.js";
import { writeCompactModel } from "../compact/compact.js";
import { openModel } from "./open-model.node.js";

const model = sampleModel();
let directory: string;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ganfit-open-"));
});
afterAll(() => rm(directory, { recursive: true }));

const eos = () =>
  new EosWriter().uint32(1).pca(model.mean, [], [], model.triangles).noPca().uvs([]).bytes();

test("compact and eos models are known by content, whatever their names", async () => {
  await writeFile(at("a.mat"), writeCompactModel(model));
  await writeFile(at("b.gfm"), eos());
  expect((await openModel(at("a.mat"))).name).toBe("sample");
  expect((await openModel(at("a.mat"), { identityModes: 1 })).identity.names).toEqual(["shape0"]);
  expect((await openModel(at("b.gfm"))).name).toBe("eos-model");
  await expect(openModel(at("b.gfm"), { identityModes: 1 })).rejects.toMatchObject({
    code: "usage",
  });
});

test("a folder of eos is read with what belongs to it; two models in one are refused", async () => {
  await mkdir(at("eos"));
  await writeFile(join(at("eos"), "shape"), eos());
  await writeFile(join(at("eos"), "readme.txt"), "hello");
  await writeFile(join(at("eos"), "empty"), "");
  const shapes = new EosWriter().count(1).string("smile");
  shapes.matrix(
    model.mean.length,
    1,
    model.mean.map(() => 1),
  );
  await writeFile(join(at("eos"), "shapes"), shapes.bytes());
  expect((await openModel(at("eos"))).expression.names).toEqual(["smile"]);
  await writeFile(join(at("eos"), "second"), eos());
  await expect(openModel(at("eos"))).rejects.toThrow(/several models.*second, shape, shapes/);
});

test("what is no model ends in an error that lists what is understood", async () => {
  await mkdir(at("empty"));
  await writeFile(at("text.h5"), "hello");
  await writeFile(at("nothing.npz"), "");
  await writeFile(at("zip"), "PK\u0003\u0004nonsense");
  await writeFile(
    at("noise"),
    Uint8Array.from({ length: 5000 }, (_, i) => (i * 73) % 251),
  );
  for (const name of ["text.h5", "nothing.npz", "noise", "empty"]) {
    await expect(openModel(at(name)), name).rejects.toThrow(/Understood are .*FLAME/);
  }
  await expect(openModel(at("zip"))).rejects.toMatchObject({ code: "model" });
  await expect(openModel(at("missing"))).rejects.toThrow(/does not exist/);
  await writeFile(at("cut"), writeCompactModel(model).subarray(0, 5000));
  await expect(openModel(at("cut"))).rejects.toThrow(/cut short/);
});

const FOLDER = "surrey-face-model";
test.skipIf(!shared(FOLDER))(needs(FOLDER, "the Surrey Face Model's folder"), async () => {
  expect((await openModel(shared(FOLDER)!)).name).toBe("surrey-face-model");
});

const ict = ictFaceKit();
test.skipIf(ict === null)(needsIct(ict, "ICT-FaceKit's folder"), async () => {
  expect((await openModel(join(ict!, "FaceXModel"))).name).toBe("ict-facekit");
});
