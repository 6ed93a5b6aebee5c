/** What all subjects of a stand-in have in common. */
import { DEFAULT_MODEL, loadModel } from "@ganfit/core";
import { seedFor } from "../seeds.js";
import { type KnownHead, knownHead, meanHead, type Skin, skinOf } from "./known-heads.js";
import type { Sitter } from "./photograph.js";
import { type ScanSurface, scanSurface } from "./scan-surface.js";
import { openSkins, type Skins } from "./skins.node.js";
import { checkStandInOptions, STAND_IN_DEFAULTS, type StandInOptions } from "./standin-options.js";

export interface Cast {
  readonly skin: Skin;
  readonly surface: ScanSurface;
  readonly mean: KnownHead;
  /** Null where there are to be no photographs. */
  readonly skins: Skins | null;
}

/** One of a stand-in's people. */
export interface Subject {
  /** From 1. */
  readonly number: number;
  /** Of everything about this subject. */
  readonly seed: number;
  readonly head: KnownHead;
}

/**
 * Calls back for each subject in turn, and tells of it.
 *
 * @throws GanfitError `usage` where an option makes no sense, `model` or `network` where what ships is damaged
 */
export async function withCast(
  options: StandInOptions,
  begin: (cast: Cast) => Promise<(subject: Subject) => Promise<void>>,
): Promise<void> {
  checkStandInOptions(options);
  const { seed, subjects, vertices = STAND_IN_DEFAULTS.vertices, signal, onProgress } = options;
  const skin = skinOf(await loadModel(DEFAULT_MODEL));
  const surface = scanSurface(skin, vertices);
  signal?.throwIfAborted();
  const skins = options.photos ? await openSkins() : null;
  try {
    const make = await begin({ skin, surface, mean: meanHead(skin), skins });
    for (let number = 1; number <= subjects; number++) {
      signal?.throwIfAborted();
      const own = seedFor(seed, "subject", number);
      await make({ number, seed: own, head: knownHead(skin, seedFor(own, "identity")) });
      onProgress?.(number, subjects);
    }
  } finally {
    await skins?.dispose();
  }
}

/** The subject before a camera, in a skin of its own. */
export async function sitterOf({ skin }: Cast, skins: Skins, subject: Subject): Promise<Sitter> {
  const { head, seed } = subject;
  return {
    model: skin.model,
    identity: head.identity,
    skin: await skins.skinFor(seed),
    seed,
  };
}
