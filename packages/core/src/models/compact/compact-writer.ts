import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel, SurfacePoints } from "../morphable-model.js";
import { checkModel } from "../validate-model.js";
import { crc32 } from "./compact-crc32.js";
import {
  align,
  type Header,
  MAGIC,
  MAX_COUNT,
  MAX_DISPLACEMENTS,
  MAX_HEADER_BYTES,
  MAX_MODES,
  type ModeHeader,
  PREFIX_BYTES,
  type Section,
  VERSION,
} from "./compact-header.js";
import { indexBytes, quantiseMode } from "./compact-quantise.js";

/**
 * A model as a file in the compact format (docs/compact-format.md). Displacements are rounded to 16
 * bits, an error of at most 1/32767 of the largest displacement of the mode along the axis; everything
 * else is kept exactly. Writing what has been read from such a file gives the same bytes again.
 *
 * @throws GanfitError `model` where the model is not valid or larger than the format allows
 */
export function writeCompactModel(model: MorphableModel): Uint8Array<ArrayBuffer> {
  checkModel(model);
  checkLimits(model);
  const vertexCount = model.mean.length / 3;
  const triangleCount = model.triangles.length / 3;
  const sections = new Sections();
  const { symmetry, landmarks, uv } = model;
  const points = (set: SurfacePoints | null) =>
    set && {
      count: set.triangles.length,
      section: sections.add([integers(set.triangles, 4), floats(set.barycentric)]),
    };
  // Expression before identity, so that a reader of the first identity modes reads a file's beginning.
  const header: Header = {
    name: model.name,
    licence: model.licence,
    attribution: model.attribution,
    vertexCount,
    triangleCount,
    parts: model.parts.map(({ name, kind, start, count }) => ({ name, kind, start, count })),
    mean: sections.add([floats(model.mean)]),
    triangles: sections.add([integers(model.triangles, indexBytes(vertexCount))]),
    symmetry: symmetry && sections.add([integers(symmetry, indexBytes(vertexCount))]),
    landmarks: landmarks && {
      ibug68: points(landmarks.ibug68),
      mediapipe478: points(landmarks.mediapipe478),
    },
    uv: uv && {
      frame: uv.frame,
      count: uv.coordinates.length / 2,
      coordinates: sections.add([floats(uv.coordinates)]),
      triangles: sections.add([integers(uv.triangles, indexBytes(uv.coordinates.length / 2))]),
    },
    expression: addBasis(sections, model.expression, model.mean.length),
    identity: addBasis(sections, model.identity, model.mean.length),
  };
  return assemble(header, sections);
}

function addBasis(sections: Sections, basis: Basis, stride: number): Header["identity"] {
  const modes = basis.names.map((name, k): ModeHeader => {
    const mode = quantiseMode(basis.displacements.subarray(k * stride, (k + 1) * stride));
    const values = integers(mode.values, 2);
    return {
      name,
      standardDeviation: basis.standardDeviations[k]!,
      exponents: mode.exponents,
      stored: mode.vertices?.length ?? null,
      section: sections.add(
        mode.vertices ? [integers(mode.vertices, indexBytes(stride / 3)), values] : [values],
      ),
    };
  });
  return { prior: basis.prior, modes };
}

/** Gathers the bytes of sections and says where they will lie. */
class Sections {
  readonly chunks: { offset: number; bytes: Uint8Array }[] = [];
  /** End of the last section, from the start of the first. */
  end = 0;

  add(parts: readonly Uint8Array[]): Section {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const offset = align(this.end);
    this.chunks.push({ offset, bytes });
    this.end = offset + bytes.length;
    return { offset, length: bytes.length, crc32: crc32(bytes) };
  }
}

function assemble(header: Header, sections: Sections): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  if (json.length > MAX_HEADER_BYTES) {
    throw new GanfitError(
      "model",
      `Shape model ${header.name} has names that fill ${json.length} bytes, and ` +
        `${MAX_HEADER_BYTES} fit into a compact file.`,
    );
  }
  const start = align(PREFIX_BYTES + json.length);
  const file = new Uint8Array(start + sections.end);
  const view = new DataView(file.buffer);
  file.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  view.setUint32(16, crc32(json), true);
  file.set(json, PREFIX_BYTES);
  for (const { offset, bytes } of sections.chunks) file.set(bytes, start + offset);
  return file;
}

function floats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return bytes;
}

/** Little-endian integers of 2 or 4 bytes; negative ones as two's complement. */
function integers(values: Uint32Array | Int16Array, width: 2 | 4): Uint8Array {
  const bytes = new Uint8Array(width * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    if (width === 2) view.setUint16(2 * i, values[i]!, true);
    else view.setUint32(4 * i, values[i]!, true);
  }
  return bytes;
}

function checkLimits(model: MorphableModel): void {
  const limit = (what: string, count: number, most: number) => {
    if (count > most) {
      throw new GanfitError(
        "model",
        `Shape model ${model.name} has ${count} ${what}, and a compact file holds ${most}.`,
      );
    }
  };
  const { identity, expression, uv } = model;
  limit("vertices", model.mean.length / 3, MAX_COUNT);
  limit("triangles", model.triangles.length / 3, MAX_COUNT);
  limit("texture coordinates", (uv?.coordinates.length ?? 0) / 2, MAX_COUNT);
  limit("identity modes", identity.names.length, MAX_MODES);
  limit("expression modes", expression.names.length, MAX_MODES);
  limit(
    "displacements",
    identity.displacements.length + expression.displacements.length,
    MAX_DISPLACEMENTS,
  );
}
