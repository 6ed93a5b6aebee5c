import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel, SurfacePoints, UvMap } from "../morphable-model.js";
import { checkModel } from "../validate-model.js";
import type { ByteSource } from "./byte-source.js";
import { crc32 } from "./compact-crc32.js";
import {
  ALIGNMENT,
  align,
  type Header,
  headerSchema,
  MAGIC,
  MAX_DISPLACEMENTS,
  MAX_HEADER_BYTES,
  type ModeHeader,
  PREFIX_BYTES,
  type Section,
  VERSION,
} from "./compact-header.js";
import { indexBytes } from "./compact-quantise.js";

export interface CompactReadOptions {
  /** Read only so many identity modes, the first of the file; all where absent. */
  readonly identityModes?: number;
}

/** What a file's header tells, without its sections. */
export interface CompactSummary {
  readonly name: string;
  readonly licence: string;
  readonly attribution: string;
  readonly vertexCount: number;
  readonly triangleCount: number;
  readonly parts: MorphableModel["parts"];
  readonly identity: Pick<Basis, "names" | "prior">;
  readonly expression: Pick<Basis, "names" | "prior">;
  /** Which sets of landmarks it has. */
  readonly landmarks: readonly ("ibug68" | "mediapipe478")[];
  readonly symmetry: boolean;
  /** Name of its UV frame; null where it has none. */
  readonly uvFrame: string | null;
  /** Size of the file, bytes. */
  readonly bytes: number;
}

/** Sections closer than this are fetched together. */
const GAP_BYTES = 65_536;

/** Most bytes fetched at once. */
const READ_BYTES = 2 ** 23;

/** Reads under way at a time. */
const PARALLEL_READS = 4;

/** Whether a file begins as compact models do. */
export function isCompactModel(start: Uint8Array): boolean {
  return MAGIC.every((byte, i) => start[i] === byte);
}

/**
 * Reads the compact format (docs/compact-format.md). Every count, place and checksum is verified
 * before memory is taken, so a damaged or hostile file ends in an error.
 *
 * @throws GanfitError `model` where the file is not such a model, is damaged or is of a later version;
 *   `usage` where more identity modes are wanted than it has; and what `source` throws
 */
export async function readCompactModel(
  source: ByteSource,
  options: CompactReadOptions = {},
): Promise<MorphableModel> {
  const { header, start } = await readHeader(source);
  const available = header.identity.modes.length;
  const wanted = options.identityModes ?? available;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > available) {
    throw new GanfitError(
      "usage",
      `${wanted} identity modes of ${header.name} are wanted, which has ${available}.`,
    );
  }
  const identity = { ...header.identity, modes: header.identity.modes.slice(0, wanted) };
  const { vertexCount, landmarks } = header;
  const displacements = (wanted + header.expression.modes.length) * vertexCount * 3;
  if (displacements > MAX_DISPLACEMENTS) {
    throw new GanfitError(
      "model",
      `${header.name} would need ${displacements} displacements in memory, and ` +
        `${MAX_DISPLACEMENTS} are allowed; read fewer of its identity modes.`,
    );
  }

  const bytes = await readSections(source, start, header.name, [
    ...meshSections(header),
    ...header.expression.modes.map((mode) => mode.section),
    ...identity.modes.map((mode) => mode.section),
  ]);
  const points = (set: { count: number; section: Section } | null): SurfacePoints | null =>
    set && {
      triangles: readIntegers(bytes(set.section).subarray(0, 4 * set.count), 4),
      barycentric: readFloats(bytes(set.section).subarray(4 * set.count)),
    };
  const model: MorphableModel = {
    name: header.name,
    licence: header.licence,
    attribution: header.attribution,
    mean: readFloats(bytes(header.mean)),
    triangles: readIntegers(bytes(header.triangles), indexBytes(vertexCount)),
    parts: header.parts,
    identity: readBasis(identity, vertexCount, bytes),
    expression: readBasis(header.expression, vertexCount, bytes),
    landmarks: landmarks && {
      ibug68: points(landmarks.ibug68),
      mediapipe478: points(landmarks.mediapipe478),
    },
    symmetry: header.symmetry && readIntegers(bytes(header.symmetry), indexBytes(vertexCount)),
    uv: header.uv && readUv(header.uv, bytes),
  };
  checkModel(model);
  return model;
}

/**
 * Reads only the header of a compact model.
 *
 * @throws GanfitError as {@link readCompactModel}
 */
export async function inspectCompactModel(source: ByteSource): Promise<CompactSummary> {
  const { header } = await readHeader(source);
  const { landmarks } = header;
  const basis = ({ prior, modes }: Header["identity"]) => ({
    prior,
    names: modes.map((m) => m.name),
  });
  return {
    name: header.name,
    licence: header.licence,
    attribution: header.attribution,
    vertexCount: header.vertexCount,
    triangleCount: header.triangleCount,
    parts: header.parts,
    identity: basis(header.identity),
    expression: basis(header.expression),
    landmarks: (["ibug68", "mediapipe478"] as const).filter((set) => landmarks?.[set]),
    symmetry: header.symmetry !== null,
    uvFrame: header.uv?.frame ?? null,
    bytes: source.size,
  };
}

type SectionBytes = (section: Section) => Uint8Array;

async function readHeader(source: ByteSource): Promise<{ header: Header; start: number }> {
  if (source.size < PREFIX_BYTES) throw wrong("it is too short to be one");
  const prefix = await source.read(0, PREFIX_BYTES);
  if (!isCompactModel(prefix)) throw wrong("it does not begin as one");
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw wrong(
      `it has version ${version} of the format, and this ganfit knows version ${VERSION}`,
    );
  }
  const length = view.getUint32(12, true);
  if (
    length > MAX_HEADER_BYTES ||
    PREFIX_BYTES + length > source.size ||
    view.getUint32(20, true)
  ) {
    throw wrong("it is cut short or damaged before its header");
  }
  const json = await source.read(PREFIX_BYTES, length);
  if (crc32(json) !== view.getUint32(16, true)) throw wrong("its header is damaged");
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw wrong("its header is not JSON", cause);
  }
  const result = headerSchema.safeParse(parsed);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw wrong(`its header has a wrong ${issue.path.join(".") || "form"}: ${issue.message}`);
  }
  const start = align(PREFIX_BYTES + length);
  checkSections(result.data, source.size - start);
  return { header: result.data, start };
}

function meshSections(header: Header): Section[] {
  const { landmarks, uv } = header;
  return [
    header.mean,
    header.triangles,
    header.symmetry,
    landmarks?.ibug68?.section,
    landmarks?.mediapipe478?.section,
    uv?.coordinates,
    uv?.triangles,
  ].filter((section) => section != null);
}

/** Each section must have the length that the counts imply and a place of its own inside the file. */
function checkSections(header: Header, available: number): void {
  const { vertexCount, triangleCount, landmarks, uv } = header;
  const expect = (what: string, section: Section | undefined | null, length: number) => {
    if (section && section.length !== length) {
      throw wrong(`${what} has ${section.length} bytes where its header implies ${length}`);
    }
  };
  const vertexIndex = indexBytes(vertexCount);
  expect("the mean", header.mean, 12 * vertexCount);
  expect("the list of triangles", header.triangles, 3 * vertexIndex * triangleCount);
  expect("the symmetry map", header.symmetry, vertexIndex * vertexCount);
  for (const set of [landmarks?.ibug68, landmarks?.mediapipe478]) {
    if (set) expect("a set of landmarks", set.section, 16 * set.count);
  }
  if (uv) {
    expect("the list of texture coordinates", uv.coordinates, 8 * uv.count);
    expect("the list of UV triangles", uv.triangles, 3 * indexBytes(uv.count) * triangleCount);
  }
  const modes = [...header.expression.modes, ...header.identity.modes];
  for (const mode of modes) {
    expect(`mode ${JSON.stringify(mode.name)}`, mode.section, modeBytes(mode, vertexCount));
  }

  const sections = [...meshSections(header), ...modes.map((mode) => mode.section)];
  sections.sort((a, b) => a.offset - b.offset || a.length - b.length);
  let end = 0;
  for (const { offset, length } of sections) {
    if (offset % ALIGNMENT !== 0) throw wrong("a section of it is not aligned");
    if (offset < end) throw wrong("sections of it overlap");
    end = offset + length;
  }
  if (end > available) throw wrong(`it is cut short, ${end - available} bytes are missing`);
  if (end < available) throw wrong(`it has ${available - end} bytes more than its header says`);
}

function modeBytes(mode: ModeHeader, vertexCount: number): number {
  return mode.stored === null ? 6 * vertexCount : (6 + indexBytes(vertexCount)) * mode.stored;
}

/** Fetches sections, neighbours together, and checks their sums. */
async function readSections(
  source: ByteSource,
  start: number,
  name: string,
  sections: readonly Section[],
): Promise<SectionBytes> {
  const runs: { offset: number; end: number; sections: Section[] }[] = [];
  for (const section of [...sections].sort((a, b) => a.offset - b.offset)) {
    const end = section.offset + section.length;
    const last = runs.at(-1);
    if (last && section.offset - last.end <= GAP_BYTES && end - last.offset <= READ_BYTES) {
      last.sections.push(section);
      last.end = end;
    } else {
      runs.push({ offset: section.offset, end, sections: [section] });
    }
  }
  const bytes = new Map<Section, Uint8Array>();
  let next = 0;
  const worker = async () => {
    for (;;) {
      const run = runs[next++];
      if (!run) return;
      const data = await source.read(start + run.offset, run.end - run.offset);
      for (const section of run.sections) {
        const at = section.offset - run.offset;
        const part = data.subarray(at, at + section.length);
        if (crc32(part) !== section.crc32) {
          throw wrong(`${name} is damaged at byte ${start + section.offset}`);
        }
        bytes.set(section, part);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, worker));
  return (section) => bytes.get(section)!;
}

function readBasis(basis: Header["identity"], vertexCount: number, bytes: SectionBytes): Basis {
  const { modes, prior } = basis;
  const displacements = new Float32Array(modes.length * vertexCount * 3);
  for (const [k, mode] of modes.entries()) {
    const out = displacements.subarray(3 * k * vertexCount, 3 * (k + 1) * vertexCount);
    readMode(mode, vertexCount, bytes(mode.section), out);
  }
  return {
    names: modes.map((mode) => mode.name),
    displacements,
    standardDeviations: Float32Array.from(modes, (mode) => mode.standardDeviation),
    prior,
  };
}

function readMode(
  mode: ModeHeader,
  vertexCount: number,
  bytes: Uint8Array,
  out: Float32Array,
): void {
  const [x, y, z] = mode.exponents.map((e) => 2 ** e) as [number, number, number];
  const width = indexBytes(vertexCount);
  const stored = mode.stored ?? vertexCount;
  const valuesAt = mode.stored === null ? 0 : width * stored;
  const vertices = mode.stored === null ? null : readIntegers(bytes.subarray(0, valuesAt), width);
  const view = new DataView(bytes.buffer, bytes.byteOffset + valuesAt, 6 * stored);
  let previous = -1;
  for (let i = 0; i < stored; i++) {
    const v = vertices ? vertices[i]! : i;
    if (v <= previous || v >= vertexCount) {
      throw wrong(`mode ${JSON.stringify(mode.name)} lists its vertices wrongly`);
    }
    previous = v;
    out[3 * v] = view.getInt16(6 * i, true) * x;
    out[3 * v + 1] = view.getInt16(6 * i + 2, true) * y;
    out[3 * v + 2] = view.getInt16(6 * i + 4, true) * z;
  }
}

function readUv(uv: NonNullable<Header["uv"]>, bytes: SectionBytes): UvMap {
  return {
    frame: uv.frame,
    coordinates: readFloats(bytes(uv.coordinates)),
    triangles: readIntegers(bytes(uv.triangles), indexBytes(uv.count)),
  };
}

function readFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

function readIntegers(bytes: Uint8Array, width: 2 | 4): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Uint32Array(bytes.length / width);
  for (let i = 0; i < values.length; i++) {
    values[i] = width === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
  }
  return values;
}

function wrong(sentence: string, cause?: unknown): GanfitError {
  return new GanfitError("model", `The file is no sound compact shape model: ${sentence}.`, {
    cause,
  });
}
