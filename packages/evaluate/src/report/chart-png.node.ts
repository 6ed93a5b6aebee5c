/** Charts as PNG pictures, the same on every machine. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** Pixels for each of the SVG's units. */
const ZOOM = 2;

const FONTS = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"];

const require = createRequire(import.meta.url);

/** WebAssembly may be started but once. */
let ready: Promise<Uint8Array[]> | undefined;

/**
 * Twice as many pixels as the SVG has units. Text is set in the DejaVu fonts that npm brings, never in the
 * system's, and characters that these lack show as boxes.
 *
 * @param svg made by this package: its size is not checked
 * @returns PNG
 */
export async function svgPng(svg: string): Promise<Uint8Array> {
  ready ??= start();
  const renderer = new Resvg(svg, {
    fitTo: { mode: "zoom", value: ZOOM },
    font: {
      fontBuffers: await ready,
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
  try {
    const picture = renderer.render();
    try {
      return picture.asPng();
    } finally {
      picture.free();
    }
  } finally {
    renderer.free();
  }
}

async function start(): Promise<Uint8Array[]> {
  await initWasm(await readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return Promise.all(
    FONTS.map((font) => readFile(require.resolve(`dejavu-fonts-ttf/ttf/${font}`))),
  );
}
