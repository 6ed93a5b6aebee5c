import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ictFaceKit, needsIct } from "../../core/test/ict-facekit.js";
import { needs, shared } from "../../core/test/shared.js";
import { ganfit, temporaryFolder } from "./run.js";

const home = join(temporaryFolder(), "home");

/** Adds a model and gives its description. */
async function added(name: string, from: string) {
  const { code, stderr } = await ganfit(["models", "add", name, "--from", from], { home });
  expect([code, stderr]).toEqual([0, expect.stringContaining(name)]);
  return JSON.parse((await ganfit(["models", "info", name, "--json"], { home })).stdout);
}

describe("ganfit models add", () => {
  it.skipIf(ictFaceKit() === null)(needsIct(ictFaceKit(), "ICT-FaceKit's folder"), async () => {
    const model = await added("ict", ictFaceKit()!);
    expect(model).toMatchObject({ licence: "MIT", vertices: 26_719, uvFrame: "ganfit-uv-1" });
    expect(model.landmarks).toEqual(["ibug68", "mediapipe478"]);
    expect(model.arkit).toBe(49);
  });

  const surrey = shared("surrey-face-model");
  it.skipIf(!surrey)(needs("surrey-face-model", "the Surrey Face Model's folder"), async () => {
    const model = await added("sfm", surrey!);
    expect(model).toMatchObject({ vertices: 3448, uvFrame: "ganfit-uv-1", symmetry: true });
    expect(model.landmarks).toEqual(["ibug68", "mediapipe478"]);
    expect(model.identity.count).toBe(63);
  });

  it.skipIf(!surrey)(needs("surrey-face-model", "keeps nothing when interrupted"), async () => {
    const { code } = await ganfit(["models", "add", "cut", "--from", surrey!], {
      home,
      interruptAfter: 2500,
    });
    const { stdout } = await ganfit(["models", "list"], { home });
    expect(code).toBe(130);
    expect(stdout).not.toMatch(/\ncut /);
  });
});
