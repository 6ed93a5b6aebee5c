// The texture generator that comes with the package: `tsx tools/texture/build.ts [PHOTOS]` unwraps the
// portraits in ../shared/data/photos (never those held out), takes their light out, completes them and writes
// packages/core/assets/texture-generator.onnx and .json. What it makes on the way stays in .cache/texture.

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareLandmarks } from "../../packages/core/src/fit/landmark-fit.js";
import { writeImage, writeWhole } from "../../packages/core/src/image/encode.node.js";
import type { Image } from "../../packages/core/src/image/image.js";
import { contactSheet } from "../../packages/core/src/image/montage.js";
import { loadModel } from "../../packages/core/src/models/store/store.node.js";
import { UV_FRAME } from "../../packages/core/src/models/uv/uv-frame.js";
import { loadUvFrame } from "../../packages/core/src/models/uv/uv-frame.node.js";
import { loadFaceNetworks } from "../../packages/core/src/networks/faces.node.js";
import { normals } from "../../packages/core/src/random.js";
import { completeTexture } from "../../packages/core/src/texture/complete-texture.js";
import { delightTexture } from "../../packages/core/src/texture/delight.js";
import { faceRegions } from "../../packages/core/src/texture/face-regions.js";
import { linearGeneratorModel } from "../../packages/core/src/texture/linear-generator.js";
import {
  encodeTexture,
  generateTexture,
  latentSize,
  type RegionalModel,
  trainRegionalModel,
} from "../../packages/core/src/texture/regional-pca.js";
import {
  doubleTexture,
  imageOfTexture,
  mirrorTexture,
  type PartialTexture,
  shrinkPartial,
  shrinkTexture,
  shrunk,
  type TextureMap,
} from "../../packages/core/src/texture/texture-map.js";
import { type Colour, MeanTexture, skinTone } from "./mean-texture.js";
import { texturePhotos, whitePeople } from "./training-photos.js";
import { type UnwrapContext, unwrappedPhoto } from "./unwrapped-photo.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Texels along each side of unwrapped photographs and of the generator's textures. */
const SIZE = 512;
/** Texels of the components: finer than this, only the mean has detail. */
const COMPONENT_SIZE = 256;

const DESCRIPTION = {
  file: "texture-generator.onnx",
  name: "ganfit regional skin",
  licence: "CC-BY-4.0",
  attribution:
    "Learnt from the Face Research Lab London Set (DeBruine, L., Jones, B., 2017, figshare 5047666) and Young Adult White Faces with Manipulated Versions (DeBruine, L., Jones, B., 2017, figshare 4220517), both CC BY 4.0.",
  uvFrame: UV_FRAME,
  prior: "normal",
} as const;

/** Takes the light out of every photograph's texture, given a mean that tells how skin varies. */
async function delighted(
  paths: readonly string[],
  context: UnwrapContext,
  { expected, balance, size }: DelightOptions,
  each: (texture: PartialTexture, path: string) => void,
): Promise<void> {
  const regions = faceRegions(context.frame, size);
  for (const path of paths) {
    const { texture, normals } = await unwrappedPhoto(path, context, size);
    const even = delightTexture({ texture, normals, regions, expected }).texture;
    const gains = path.startsWith("canada/") ? balance : undefined;
    each(gains ? { ...even, colour: even.colour.map((v, i) => v * gains[i % 3]!) } : even, path);
  }
}

interface DelightOptions {
  readonly expected?: TextureMap;
  /** Factors for the Canadian photographs, see {@link balanceOf}. */
  readonly balance?: Colour;
  /** Texels along each side. */
  readonly size: number;
}

/**
 * The Canadian photographs have a red cast of their own. As all their people are white, the cast is what
 * their mean skin tone differs by from that of the white people of London.
 */
function balanceOf(tones: ReadonlyMap<string, Colour>, white: ReadonlySet<string>): Colour {
  const mean = (belongs: (path: string) => boolean): Colour => {
    const chosen = [...tones].filter(([path]) => belongs(path)).map(([, tone]) => tone);
    const channel = (c: number) => chosen.reduce((sum, tone) => sum + tone[c]!, 0) / chosen.length;
    return [channel(0), channel(1), channel(2)];
  };
  const london = mean((path) => path.startsWith("london-") && white.has(path.slice(-7, -4)));
  const canada = mean((path) => path.startsWith("canada/"));
  return [london[0] / canada[0], london[1] / canada[1], london[2] / canada[2]];
}

export interface TextureData {
  /** Of {@link SIZE}. */
  readonly mean: TextureMap;
  /** Of {@link COMPONENT_SIZE}: how much of the people's textures is seen, each texel. */
  readonly seen: Float32Array;
  /** Complete, of {@link COMPONENT_SIZE}. */
  readonly maps: readonly TextureMap[];
  readonly heldOut: readonly { readonly texture: PartialTexture; readonly complete: TextureMap }[];
}

/** From photographs to complete textures. */
export async function textureData(
  photos: string,
  cache: string,
  log: (line: string) => void,
): Promise<TextureData> {
  const model = await loadModel("default");
  const frame = await loadUvFrame();
  const networks = await loadFaceNetworks();
  try {
    const context: UnwrapContext = {
      photos,
      cache: join(cache, "unwrapped"),
      model,
      frame,
      networks,
      prepared: prepareLandmarks(model),
      size: SIZE,
    };
    const { training, heldOut } = await texturePhotos(photos);
    const { skin } = faceRegions(frame, SIZE);
    const smallSkin = faceRegions(frame, COMPONENT_SIZE).skin;
    const first = new MeanTexture(COMPONENT_SIZE, smallSkin);
    const tones = new Map<string, Colour>();
    await delighted(training, context, { size: COMPONENT_SIZE }, (texture, path) => {
      first.add(texture);
      tones.set(path, skinTone(texture, smallSkin));
    });
    log(`${training.length} photographs unwrapped`);
    const options = {
      expected: doubleTexture(first.mean()),
      balance: balanceOf(tones, await whitePeople(photos)),
      size: SIZE,
    };
    const second = new MeanTexture(SIZE, skin);
    const factor = SIZE / COMPONENT_SIZE;
    const partial: PartialTexture[] = [];
    await delighted(training, context, options, (texture) => {
      second.add(texture);
      partial.push(shrinkPartial(texture, factor));
    });
    const mean = second.mean();
    const meanOfComponents = shrinkTexture(mean, factor);
    const complete = (texture: PartialTexture) =>
      completeTexture(texture, meanOfComponents, { skin: smallSkin });
    const maps = partial.map(complete);
    log(`${maps.length} textures completed`);
    const measured: { texture: PartialTexture; complete: TextureMap }[] = [];
    await delighted(heldOut, context, options, (texture) => {
      const reduced = shrinkPartial(texture, factor);
      measured.push({ texture: reduced, complete: complete(reduced) });
    });
    return { mean, seen: shrunk(second.seen(), SIZE, 1, factor), maps, heldOut: measured };
  } finally {
    await networks.dispose();
  }
}

/** Mean over people of the PSNR within the part of the face that is seen, dB. */
export function heldOutPsnr(model: RegionalModel, { heldOut }: TextureData, face: Float32Array) {
  const values = heldOut.map(({ texture, complete }) => {
    const found = generateTexture(model, encodeTexture(model, complete));
    let [square, weight] = [0, 0];
    for (let i = 0; i < face.length; i++) {
      const share = face[i]! * texture.confidence[i]!;
      for (let c = 0; c < 3; c++) {
        square += share * (found.colour[3 * i + c]! - complete.colour[3 * i + c]!) ** 2;
        weight += share;
      }
    }
    return -10 * Math.log10(square / weight);
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The model of the package: see docs/texture.md for how the numbers were chosen. */
export function trainDefault({ maps, seen }: TextureData): RegionalModel {
  return trainRegionalModel([...maps, ...maps.map(mirrorTexture)], { weight: seen });
}

export function sheets(data: TextureData, model: RegionalModel): Record<string, Image> {
  const samples = Array.from({ length: 24 }, (_, i) =>
    generateTexture(model, normals(latentSize(model), i + 1)),
  );
  const pairs = data.heldOut.flatMap(({ complete }) => [
    complete,
    generateTexture(model, encodeTexture(model, complete)),
  ]);
  const sheet = (maps: readonly TextureMap[], columns: number) =>
    contactSheet(maps.map(imageOfTexture), { columns });
  return {
    mean: imageOfTexture(data.mean),
    training: sheet(
      data.maps.filter((_, i) => i % 4 === 0),
      9,
    ),
    samples: sheet(samples, 6),
    "held-out": sheet(pairs, 8),
  };
}

/** The mean of the model's textures with the fine detail of the mean of the photographs. */
function detailedMean(model: RegionalModel, mean: TextureMap): TextureMap {
  const coarse = shrinkTexture(mean, mean.size / model.size).colour;
  const difference = model.mean.map((value, i) => value - coarse[i]!);
  const smooth = doubleTexture({ size: model.size, colour: difference }).colour;
  return { size: mean.size, colour: mean.colour.map((value, i) => value + smooth[i]!) };
}

async function main(): Promise<void> {
  const photos = process.argv[2] ?? join(ROOT, "../shared/data/photos");
  const cache = join(ROOT, ".cache/texture");
  await mkdir(cache, { recursive: true });
  const data = await textureData(photos, cache, console.log);
  const model = trainDefault(data);
  const { face } = faceRegions(await loadUvFrame(), COMPONENT_SIZE);
  console.log(`held out: ${heldOutPsnr(model, data, face).toFixed(2)} dB`);
  for (const [name, image] of Object.entries(sheets(data, model))) {
    await writeImage(join(cache, `${name}.png`), image);
  }
  console.log(`${((await writeGenerator(model, data.mean)) / 2 ** 20).toFixed(1)} MB`);
}

/** @returns bytes of the `.onnx` file */
export async function writeGenerator(model: RegionalModel, mean: TextureMap): Promise<number> {
  const assets = join(ROOT, "packages/core/assets");
  const bytes = linearGeneratorModel(model, detailedMean(model, mean));
  await writeWhole(join(assets, "texture-generator.onnx"), bytes);
  const text = `${JSON.stringify(DESCRIPTION, null, 2)}\n`;
  await writeWhole(join(assets, "texture-generator.json"), new TextEncoder().encode(text));
  return bytes.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
