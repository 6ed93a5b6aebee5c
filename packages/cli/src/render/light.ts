import { AMBIENT, type Camera, extrinsicsOf, type Lighting, STUDIO } from "@ganfit/core";
import { InvalidArgumentError } from "commander";
import { parseNumber } from "../numbers.js";

/** Names that `--light` takes: `photo` is the light that the fit found. */
const NAMES = ["studio", "even", "photo"] as const;

/** Where a lamp is as the viewer sees it: degrees to the right of the viewer, and above. */
export interface Lamp {
  readonly azimuth: number;
  readonly elevation: number;
}

export type LightChoice = (typeof NAMES)[number] | Lamp;

/** Millimetres from the middle of the head. */
const DISTANCE = 3000;
const STRENGTH = 0.8;
const AROUND = 0.3;

/** Parses `--light`: a name, or where the lamp is. */
export function parseLight(text: string): LightChoice {
  const name = NAMES.find((known) => known === text);
  if (name) return name;
  const [azimuth, elevation, ...others] = text.split(",").map((part) => parseNumber(part.trim()));
  const given = typeof azimuth === "number" && typeof elevation === "number" && others.length === 0;
  if (!given || Math.abs(azimuth) > 180 || Math.abs(elevation) > 90) {
    throw new InvalidArgumentError(
      `It must be one of ${NAMES.join(", ")}, or azimuth and elevation in degrees such as 40,20.`,
    );
  }
  return { azimuth, elevation };
}

/**
 * @param camera that looks at the head
 * @param fitted the photo's light
 */
export function lightOf(choice: LightChoice, camera: Camera, fitted: Lighting): Lighting {
  if (typeof choice !== "string") return lampLight(choice, camera);
  return { studio: STUDIO, even: AMBIENT, photo: fitted }[choice];
}

/** One lamp in a dim room. */
function lampLight({ azimuth, elevation }: Lamp, camera: Camera): Lighting {
  const [a, e] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
  const { rotation } = extrinsicsOf(camera);
  const [right, down, forward] = [
    Math.sin(a) * Math.cos(e),
    -Math.sin(e),
    -Math.cos(a) * Math.cos(e),
  ];
  const along = (axis: 0 | 1 | 2) =>
    DISTANCE *
    (right * rotation[axis]! + down * rotation[3 + axis]! + forward * rotation[6 + axis]!);
  return {
    kind: "phong",
    position: [along(0), along(1), along(2)],
    colour: [STRENGTH, STRENGTH, STRENGTH],
    ambient: [AROUND, AROUND, AROUND],
    specular: 0,
    shininess: 1,
  };
}
