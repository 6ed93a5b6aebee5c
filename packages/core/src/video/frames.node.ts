// Frames of a video, by the programs ffmpeg and ffprobe that are looked for on the PATH.

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { GanfitError } from "../errors.js";

export interface VideoFrame {
  /** From the start of the video, to about half the time between two frames. */
  readonly seconds: number;
  /** A PNG file. */
  readonly bytes: Uint8Array;
}

export interface VideoFramesOptions {
  /** At most so many, evenly spaced; default 60. */
  readonly count?: number;
  /** Longest side; larger frames are scaled down. Pixels; default 1280. */
  readonly side?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where frames are taken further apart than this only those are decoded that need no others, seconds. */
const KEY_FRAMES_APART = 10;
/** Most of what a program says that is kept, characters. */
const LONGEST = 1 << 16;

const PROBE = z.object({
  format: z.object({ duration: z.coerce.number().positive() }),
  streams: z.array(z.object({ codec_type: z.literal("video") })).min(1),
});

/**
 * Takes frames from a video, as ffmpeg decodes them: upright, with square pixels. They pass through a temporary
 * folder, which is gone afterwards, whatever happens.
 *
 * @throws GanfitError `image` where there is no ffmpeg, no such file, or no video in it; the signal's reason
 */
export async function readVideoFrames(
  path: string,
  { count = 60, side = 1280, signal }: VideoFramesOptions = {},
): Promise<VideoFrame[]> {
  signal?.throwIfAborted();
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) {
    throw new GanfitError(
      "image",
      `${path} cannot be read: ${found ? "it is not a file" : "there is no such file"}.`,
    );
  }
  // Without a protocol a name such as concat:a or http://b would be more than a file.
  const input = ["-protocol_whitelist", "file", "-i", `file:${resolve(path)}`];
  const duration = await durationOf(path, input, signal);
  const folder = await mkdtemp(join(tmpdir(), "ganfit-video-"));
  try {
    const apart = duration / count;
    const fit = `scale='min(${side},iw)':'min(${side},ih)':force_original_aspect_ratio=decrease`;
    await run(
      "ffmpeg",
      [
        ...["-nostdin", "-v", "error"],
        ...(apart > KEY_FRAMES_APART ? ["-skip_frame", "nokey"] : []),
        ...input,
        ...["-map", "0:v:0", "-vf", `fps=1/${apart},scale=iw*sar:ih,setsar=1,${fit}`],
        ...["-frames:v", String(count), "-compression_level", "1", join(folder, "%06d.png")],
      ],
      path,
      signal,
    );
    const files = (await readdir(folder)).sort();
    if (files.length === 0) throw unreadable(path, "no frame could be decoded");
    const frames: VideoFrame[] = [];
    for (const [i, file] of files.entries()) {
      frames.push({ seconds: i * apart, bytes: await readFile(join(folder, file)) });
    }
    return frames;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function durationOf(
  path: string,
  input: readonly string[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const entries = ["-select_streams", "v:0", "-show_entries", "stream=codec_type:format=duration"];
  const told = await run(
    "ffprobe",
    ["-v", "error", ...entries, "-of", "json", ...input],
    path,
    signal,
  );
  const probed = PROBE.safeParse(jsonOf(told));
  if (!probed.success) throw unreadable(path, "it shows no moving picture of a known length");
  return probed.data.format.duration;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a program prints when it ends well. */
function run(
  program: string,
  args: readonly string[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], signal });
    let [printed, told] = ["", ""];
    let missing: GanfitError | null = null;
    child.stdout.on("data", (chunk) => {
      printed = (printed + chunk).slice(0, LONGEST);
    });
    child.stderr.on("data", (chunk) => {
      told = (told + chunk).slice(0, LONGEST);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) return;
      const why =
        error.code === "ENOENT" ? "is not installed" : `does not start (${error.message})`;
      missing = new GanfitError(
        "image",
        `Videos are read by the program ${program}, which ${why}: install ffmpeg (https://ffmpeg.org) so that it is on the PATH, or give photos.`,
        { cause: error },
      );
    });
    // Only when it has ended nothing is written any more.
    child.on("close", (code) => {
      if (signal?.aborted) fail(signal.reason);
      else if (missing) fail(missing);
      else if (code === 0) done(printed);
      else fail(unreadable(path, lastLine(told) || `${program} ended with the code ${code}`));
    });
  });
}

function unreadable(path: string, why: string): GanfitError {
  return new GanfitError("image", `${path} cannot be read as a video: ${why}.`);
}

/** Of what a program says the last line is what it gave up for. */
function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1)!.trim();
  return line.replace(/\.$/, "").slice(0, 300);
}
