// Renders the contact sheets of the head before statistics: npx tsx tools/head/sheets-base-head.ts

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeImage } from "../../packages/core/src/image/encode.node.js";
import { type BaseHead, buildBaseHead } from "./base-head.js";
import { renderSheet, type Shot } from "./sheets.js";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));

/** Points to look at, millimetres in the model's frame. */
const LEFT_EYE = [30, 19, 85] as const;
const LIPS = [0, -45, 90] as const;
const CHIN = [0, -55, 80] as const;

const named = (head: BaseHead, ...names: readonly string[]) =>
  names.map((name): [Float32Array, number] => [
    head.expressions.find((expression) => expression.name === name)!.displacement,
    1,
  ]);

function meanShots(head: BaseHead): Shot[] {
  const angles = [
    ["front", 0, 0],
    ["35 degrees left", 35, 0],
    ["profile", 90, 0],
    ["back", 180, 0],
    ["from above", 20, -40],
    ["neck from below", 20, 60],
  ] as const;
  const eye = (label: string, yaw: number, ...names: string[]): Shot => ({
    label,
    view: { yaw, centre: LEFT_EYE, span: 50 },
    displacements: named(head, ...names),
  });
  const mouth = (label: string, yaw: number, ...names: string[]): Shot => ({
    label,
    view: { yaw, centre: CHIN, span: 120 },
    displacements: named(head, ...names),
  });
  return [
    ...angles.map(([label, yaw, pitch]): Shot => ({ label, view: { yaw, pitch } })),
    eye("left eye", 0),
    eye("left eye, 45 degrees", 45),
    eye("eyeBlinkLeft", 0, "eyeBlinkLeft"),
    eye("eyeLookOutLeft", 0, "eyeLookOutLeft"),
    { label: "lips", view: { centre: LIPS, span: 60 } },
    mouth("jawOpen", 0, "jawOpen"),
    mouth("jawOpen, 50 degrees", 50, "jawOpen"),
    mouth("jawOpen + mouthClose", 30, "jawOpen", "mouthClose"),
    mouth("jawOpen + tongueOut", 50, "jawOpen", "tongueOut"),
    {
      label: "jawOpen, skin hidden",
      view: { yaw: 30, centre: CHIN, span: 120, hide: ["skin", "mouth"] },
      displacements: named(head, "jawOpen"),
    },
  ];
}

const head = await buildBaseHead();
const write = async (name: string, image: Parameters<typeof writeImage>[1]) => {
  await writeImage(join(FOLDER, name), image, { quality: 80 });
};
await mkdir(FOLDER, { recursive: true });
await write(
  "default-head-mean.jpg",
  renderSheet(head, meanShots(head), { width: 300, height: 330, columns: 4 }),
);
await write(
  "default-head-expressions.jpg",
  renderSheet(
    head,
    head.expressions.map(({ name, displacement }) => ({
      label: name.replace("Left", "L").replace("Right", "R"),
      displacements: [[displacement, 1]],
      view: { yaw: 12, centre: [0, -20, 50], span: 190 },
    })),
    { width: 186, height: 186, columns: 8 },
  ),
);
await write(
  "default-head-macro.jpg",
  renderSheet(
    head,
    head.targets
      .filter(({ group }) => group === "macro")
      .map(({ name, displacement }) => ({
        label: name.slice("macro/".length),
        displacements: [[displacement, 1]],
        view: { yaw: 25, centre: [0, -5, 0], span: 290 },
      })),
    { width: 200, height: 230, columns: 6 },
  ),
);
