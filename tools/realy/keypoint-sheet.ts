/** Pictures of 85 keypoints on heads, to look at. */
import {
  contactSheet,
  draw,
  type Image,
  preview,
  projectView,
  type View,
} from "../../packages/core/src/index.js";

export interface KeypointPicture {
  readonly title: string;
  /** `V x 3`, millimetres, in the default head's frame. */
  readonly positions: Float32Array;
  readonly triangles: Uint32Array;
  /** `85 x 3`. */
  readonly keypoints: Float64Array;
}

const YAWS = [0, 45, -45];
const VIEW = { width: 420, height: 420, centre: [0, -15, 60], span: 200 } as const;
const IBUG = [40, 90, 220] as const;
const EXTRA = [220, 30, 30] as const;

/** A row for each head, seen from the front and from both sides. */
export function keypointSheet(heads: readonly KeypointPicture[]): Image {
  const views = heads.flatMap((head) => YAWS.map((yaw) => keypointView(head, { ...VIEW, yaw })));
  return contactSheet(views, { columns: YAWS.length });
}

function keypointView(head: KeypointPicture, view: View & typeof VIEW): Image {
  const { positions, triangles, keypoints, title } = head;
  const flat = projectView(Float32Array.from(keypoints), view);
  const at = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => [
      flat[3 * (from + i)]!,
      flat[3 * (from + i) + 1]!,
    ]).flat();
  const numbers = Array.from({ length: 17 }, (_, i) => ({
    kind: "label" as const,
    text: String(68 + i),
    x: flat[3 * (68 + i)]! + 4,
    y: flat[3 * (68 + i) + 1]! - 6,
    colour: EXTRA,
    size: 1,
  }));
  return draw(preview(positions, { triangles }, view), [
    { kind: "dots", points: at(0, 68), colour: IBUG },
    { kind: "dots", points: at(68, 85), colour: EXTRA, radius: 3 },
    ...numbers,
    { kind: "label", text: title, x: 6, y: 6, colour: [0, 0, 0] },
  ]);
}
