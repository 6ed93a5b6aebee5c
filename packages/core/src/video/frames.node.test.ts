import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GanfitError } from "../errors.js";
import { readVideoFrames } from "./frames.node.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-video-test-"));
const temporary = join(root, "temporary");
const clip = join(root, "clip.mp4");
mkdirSync(temporary);
writeFileSync(clip, "not looked at by programs that only pretend");
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Puts programs that are no ffmpeg on the PATH, before the shell's own. */
function pretend(programs: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(join(root, "bin-"));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
}

const PROBED = `echo '{"streams":[{"codec_type":"video"}],"format":{"duration":"12.0"}}'`;
/** Writes three "frames" where the last argument says, whose content is the arguments. */
const WRITES = 'for last; do :; done; for i in 1 2 3; do echo "$@" > "$(printf "$last" $i)"; done';

beforeEach(() => {
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  expect(readdirSync(temporary)).toEqual([]);
});

describe.skipIf(process.platform === "win32")("readVideoFrames", () => {
  it("asks for evenly spaced frames, scaled down, and takes them in order", async () => {
    pretend({ ffprobe: PROBED, ffmpeg: WRITES });
    const frames = await readVideoFrames(clip, { count: 6, side: 320 });
    expect(frames.map(({ seconds }) => seconds)).toEqual([0, 2, 4]);
    const asked = new TextDecoder().decode(frames[0]!.bytes);
    expect(asked).toContain(`-i file:${clip}`);
    expect(asked).toContain("-protocol_whitelist file");
    expect(asked).toMatch(/fps=1\/2,.*min\(320,iw\)/);
    expect(asked).toContain("-frames:v 6");
    expect(asked).not.toContain("nokey");
  });

  it("looks only at key frames of a long video", async () => {
    pretend({ ffprobe: PROBED.replace("12.0", "3600"), ffmpeg: WRITES });
    const [frame] = await readVideoFrames(clip);
    expect(new TextDecoder().decode(frame!.bytes)).toContain("-skip_frame nokey");
  });

  it("says in one sentence that there is no ffmpeg", async () => {
    vi.stubEnv("PATH", root);
    await expect(readVideoFrames(clip)).rejects.toMatchObject({
      code: "image",
      message: expect.stringMatching(/ffprobe, which is not installed: install ffmpeg/),
    });
  });

  it.each([
    [
      "what ffprobe gave up for",
      { ffprobe: "echo oh >&2; echo 'moov atom not found' >&2; exit 1" },
      /moov atom not found\.$/,
    ],
    [
      "that there is only sound",
      { ffprobe: `echo '{"streams":[],"format":{"duration":"3"}}'` },
      /no moving picture/,
    ],
    [
      "that there is no length",
      { ffprobe: `echo '{"streams":[{"codec_type":"video"}],"format":{}}'` },
      /no moving picture of a known/,
    ],
    ["that ffprobe says nothing", { ffprobe: "true" }, /no moving picture/],
    ["that ffmpeg fails", { ffprobe: PROBED, ffmpeg: "exit 3" }, /ffmpeg ended with the code 3/],
    ["that no frame comes", { ffprobe: PROBED, ffmpeg: "true" }, /no frame could be decoded/],
  ])("tells %s", async (_, programs, sentence) => {
    pretend(programs as Record<string, string>);
    const error = await readVideoFrames(clip).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(GanfitError);
    expect(error).toMatchObject({ code: "image", message: expect.stringMatching(sentence) });
  });

  it("refuses a missing file and a folder", async () => {
    const absent = join(root, "absent.mp4");
    await expect(readVideoFrames(absent)).rejects.toThrow(/absent\.mp4 .*no such file/);
    await expect(readVideoFrames(root)).rejects.toThrow(/not a file/);
  });

  it("ends ffmpeg when it is interrupted, and takes the folder away", async () => {
    const ran = join(root, "ran");
    pretend({ ffprobe: PROBED, ffmpeg: `${WRITES}; touch '${ran}'; exec sleep 60` });
    const interrupted = new AbortController();
    const reason = new GanfitError("cancelled", "interrupted");
    const reading = readVideoFrames(clip, { signal: interrupted.signal });
    const watch = setInterval(() => {
      if (existsSync(ran)) interrupted.abort(reason);
    }, 20);
    await expect(reading).rejects.toBe(reason);
    clearInterval(watch);
  });
});
