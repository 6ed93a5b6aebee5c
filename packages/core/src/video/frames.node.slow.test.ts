import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { decodeImage } from "../image/decode.node.js";
import { readVideoFrames } from "./frames.node.js";

const PHOTO = fileURLToPath(new URL("../../test/fixtures/astronaut.jpg", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ganfit-clip-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hasFfmpeg(): boolean {
  try {
    execFileSync("ffmpeg", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: frames of a video, since ffmpeg is not installed");
    return false;
  }
}

function ffmpeg(...args: string[]): void {
  execFileSync("ffmpeg", ["-y", "-v", "error", ...args], { stdio: ["ignore", "ignore", "pipe"] });
}

describe.skipIf(!hasFfmpeg())("frames that ffmpeg decodes", () => {
  it("are evenly spaced over the whole clip, and as bright as it was made", async () => {
    const clip = join(folder, "grey.mp4");
    // Luma rises from 16 to 235 within two seconds.
    const grey = "color=gray:s=64x64:d=2:r=25,geq=lum='16+219*T/2':cb=128:cr=128";
    ffmpeg("-f", "lavfi", "-i", grey, "-pix_fmt", "yuv420p", "-qp", "0", clip);
    const frames = await readVideoFrames(clip, { count: 5 });
    expect(frames).toHaveLength(5);
    for (const { seconds, bytes } of frames) {
      const { data } = await decodeImage(bytes);
      expect(Math.abs(data[0]! / 255 - seconds / 2)).toBeLessThan(0.11);
    }
  });

  it("are no larger than asked for, and have square pixels", async () => {
    const clip = join(folder, "zoom.mp4");
    const zoom = "zoompan=z='1+0.01*on':d=24:s=512x512:fps=12";
    ffmpeg("-i", PHOTO, "-vf", `${zoom},setsar=2`, "-pix_fmt", "yuv420p", clip);
    const [frame] = await readVideoFrames(clip, { count: 2, side: 300 });
    expect(await decodeImage(frame!.bytes)).toMatchObject({ width: 300, height: 150 });
  });

  it("are not there where the file is no video", async () => {
    const text = join(folder, "text.mp4");
    writeFileSync(text, "This is no video.\n".repeat(99));
    await expect(readVideoFrames(text)).rejects.toMatchObject({ code: "image" });
    // A list of other files, which ffmpeg would follow.
    const list = join(folder, "list.mp4");
    writeFileSync(list, "ffconcat version 1.0\nfile 'zoom.mp4'\n");
    await expect(readVideoFrames(list)).rejects.toMatchObject({ code: "image" });
  });
});
