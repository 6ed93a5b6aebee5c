import type { Camera } from "../render/camera.js";
import { CAMERA_UNITS } from "./fit-options.js";

/** The camera that a fit's eight numbers make of the one that it began with. */
export function movedCamera(camera: Camera, numbers: Float32Array): Camera {
  const by = Array.from(numbers, (value, i) => value * CAMERA_UNITS[i]!);
  return {
    position: [
      camera.position[0] + by[0]!,
      camera.position[1] + by[1]!,
      camera.position[2] + by[2]!,
    ],
    lookAt: [camera.lookAt[0] + by[3]!, camera.lookAt[1] + by[4]!, camera.lookAt[2] + by[5]!],
    focalLength: camera.focalLength * Math.exp(by[6]!),
    roll: camera.roll + by[7]!,
    principalPoint: camera.principalPoint,
  };
}
