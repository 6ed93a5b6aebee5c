/** What the test page runs: Google's own face landmarker, from the same bundle of networks. */
import { FaceLandmarker, FilesetResolver } from "@mediapipe/tasks-vision";

declare global {
  /**
   * @param bundle `face_landmarker.task` as base64
   * @param rgba `width x height x 4` bytes as base64
   * @returns for each face `478 x 3`: x and y over the picture's width and height, z as x
   */
  var landmarker: (
    bundle: string,
    rgba: string,
    width: number,
    height: number,
  ) => Promise<number[][]>;
}

globalThis.landmarker = async (bundle, rgba, width, height) => {
  const task = await FaceLandmarker.createFromOptions(await FilesetResolver.forVisionTasks("."), {
    baseOptions: { modelAssetBuffer: bytesOf(bundle), delegate: "CPU" },
    runningMode: "IMAGE",
    numFaces: 1,
  });
  const image = new ImageData(new Uint8ClampedArray(bytesOf(rgba).buffer), width, height);
  const { faceLandmarks } = task.detect(image);
  task.close();
  return faceLandmarks.map((points) => points.flatMap(({ x, y, z }) => [x, y, z]));
};

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
