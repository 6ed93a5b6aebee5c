/** `ganfit inspect`: what ganfit sees in a photo before anything is fitted. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  alignForRecognition,
  blendMask,
  boxPoints,
  type Colour,
  type DecodedImage,
  decodeImage,
  draw,
  encodeMaskPng,
  encodePng,
  type Face,
  type FaceSegmentation,
  findFaces,
  flatten,
  GanfitError,
  type Image,
  ibug68,
  loadFaceNetworks,
  maskInImage,
  mouthCorners,
  pupils,
  readFocalLength,
  readImageBytes,
  SFACE,
  type Shape,
  type Sides,
  segmentFace,
  selectFace,
  writeWhole,
} from "@ganfit/core";
import { Command } from "commander";
import { chosenDevice, type DeviceOptions, withDeviceOptions } from "../device-options.node.js";
import { wholeNumber } from "../numbers.js";
import { formatJson, printJson } from "../print.node.js";
import { createProgress } from "../progress.node.js";

interface InspectOptions extends DeviceOptions {
  readonly out: string;
  readonly face?: number;
}

const BOX: Colour = [255, 200, 0];
const OTHER_BOX: Colour = [160, 160, 160];
const POINT: Colour = [0, 230, 90];
const IBUG: Colour = [255, 60, 60];

/** Colours of the masks in segmentation.png. */
const MASK_COLOURS = {
  skin: [80, 160, 255],
  otherSkin: [40, 200, 200],
  hair: [255, 140, 0],
  beard: [170, 90, 30],
  glasses: [255, 0, 200],
  eyes: [255, 255, 255],
  brows: [120, 60, 200],
  lips: [230, 30, 60],
} as const satisfies Partial<Record<keyof FaceSegmentation, Colour>>;

export function inspectCommand(signal: AbortSignal): Command {
  const command = new Command("inspect")
    .description("shows what is found in a photo: the face, its landmarks, aligned crop and masks")
    .argument("<photo>", "JPEG, PNG, WebP, AVIF, TIFF or GIF")
    .requiredOption("-o, --out <folder>", "where the pictures are written; made if absent")
    .option("--face <index>", "which face where there are several, 0 the largest", wholeNumber)
    .addHelpText(
      "after",
      `
Prints JSON on the standard output, and writes into the folder
  overlay.png       the photo with every face's box, the chosen face's 478 landmarks (green) and their
                    68-point view (red)
  crop.png          the face aligned as the recognition network sees it, 112 x 112
  mask.png          the face's visible skin and features, white, in the photo's pixels
  segmentation.png  skin, hair, beard, glasses, brows, eyes and lips in colours
  inspect.json      what is printed`,
    )
    .action((photo: string, options: InspectOptions) => inspect(photo, options, signal));
  return withDeviceOptions(command);
}

async function inspect(
  photo: string,
  { out, face: index, ...device }: InspectOptions,
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgress();
  try {
    const network = await chosenDevice(device, signal, (what) => progress.stage(what));
    progress.stage(`reading ${photo}`);
    const bytes = await readImageBytes(photo);
    const image = await decodeImage(bytes, { name: photo });
    const focalLength = await readFocalLength(bytes);
    signal.throwIfAborted();
    progress.stage("looking for faces");
    const networks = await loadFaceNetworks(network);
    const faces = await findFaces(image, networks).finally(() => networks.dispose());
    signal.throwIfAborted();
    const chosen = selectFace(faces, image, { index, name: photo });
    const segmentation = segmentFace(image, chosen.landmarks);
    signal.throwIfAborted();

    const report = describe(photo, image, faces, chosen, segmentation, focalLength);
    const pictures = await render(image, faces, chosen, segmentation);
    await write(out, { ...pictures, "inspect.json": new TextEncoder().encode(formatJson(report)) });
    progress.stop();
    printJson(report);
  } finally {
    progress.stop();
  }
}

function describe(
  photo: string,
  image: DecodedImage,
  faces: readonly Face[],
  chosen: Face,
  segmentation: FaceSegmentation,
  focalLength: Awaited<ReturnType<typeof readFocalLength>>,
) {
  const { width, height, format, scale } = image;
  const { hasGlasses } = segmentation;
  return {
    photo,
    image: { width, height, format, scale, focalLength },
    faces: faces.map(summary),
    chosen: faces.indexOf(chosen),
    face: {
      ...summary(chosen),
      hasGlasses,
      skinShare: rounded(share(segmentation.skin.data, segmentation.face.data), 3),
      pupils: sides(pupils(chosen.landmarks)),
      mouthCorners: sides(mouthCorners(chosen.landmarks)),
      ibug68: points(ibug68(chosen.landmarks), 3),
      landmarks: points(chosen.landmarks, 3),
    },
  };
}

function summary(face: Face) {
  const { box, confidence, cutByBorder } = face;
  const degrees = (radians: number) => rounded((radians * 180) / Math.PI, 1);
  return {
    box: {
      x: rounded(box.x, 1),
      y: rounded(box.y, 1),
      width: rounded(box.width, 1),
      height: rounded(box.height, 1),
    },
    confidence: rounded(confidence, 4),
    rollDegrees: degrees(face.roll),
    yawDegrees: degrees(face.yaw),
    pitchDegrees: degrees(face.pitch),
    cutByBorder,
  };
}

async function render(
  image: Image,
  faces: readonly Face[],
  chosen: Face,
  segmentation: FaceSegmentation,
): Promise<Record<string, Uint8Array>> {
  const flat = flatten(image);
  const { width, height } = image;
  const mask = maskInImage(segmentation.face, segmentation, width, height);
  let coloured = flat;
  for (const [name, colour] of Object.entries(MASK_COLOURS)) {
    const part = segmentation[name as keyof typeof MASK_COLOURS];
    coloured = blendMask(coloured, maskInImage(part, segmentation, width, height), colour, 0.55);
  }
  return {
    "overlay.png": await encodePng(draw(flat, overlay(faces, chosen))),
    "crop.png": await encodePng(alignForRecognition(flat, chosen.landmarks, SFACE)),
    "mask.png": await encodeMaskPng(mask),
    "segmentation.png": await encodePng(coloured),
  };
}

function overlay(faces: readonly Face[], chosen: Face): Shape[] {
  const stroke = Math.max(1, chosen.box.width / 150);
  const flat = (landmarks: Float32Array) =>
    Float32Array.from(
      { length: (landmarks.length / 3) * 2 },
      (_, i) => landmarks[3 * (i >> 1) + (i & 1)]!,
    );
  return [
    ...faces.map(
      (face): Shape => ({
        kind: "line",
        points: boxPoints(face.box.x, face.box.y, face.box.width, face.box.height),
        closed: true,
        colour: face === chosen ? BOX : OTHER_BOX,
        width: stroke * 2,
      }),
    ),
    { kind: "dots", points: flat(chosen.landmarks), colour: POINT, radius: stroke * 0.7 },
    { kind: "dots", points: flat(ibug68(chosen.landmarks)), colour: IBUG, radius: stroke * 1.1 },
  ];
}

async function write(folder: string, files: Record<string, Uint8Array>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new GanfitError(
      "output",
      `The folder ${folder} cannot be made: ${(cause as Error).message}.`,
      { cause },
    );
  }
  for (const [name, bytes] of Object.entries(files)) await writeWhole(join(folder, name), bytes);
}

function points(values: ArrayLike<number>, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, i) =>
    Array.from({ length: size }, (_, axis) => rounded(values[size * i + axis]!, 2)),
  );
}

/** Right and left are the person's own. */
function sides({ right, left }: Sides) {
  const pair = ([x, y]: readonly [number, number]) => [rounded(x, 2), rounded(y, 2)];
  return { right: pair(right), left: pair(left) };
}

function share(part: Float32Array, whole: Float32Array): number {
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
  return sum(part) / Math.max(sum(whole), 1e-9);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
