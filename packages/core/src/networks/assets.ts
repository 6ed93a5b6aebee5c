/**
 * The network files that come with the package. Bundlers find them by the form of these
 * expressions, and put them beside the page's script.
 */
export const FACE_DETECTOR_URL = new URL(
  "../../assets/networks/face-detector.onnx",
  import.meta.url,
);
export const FACE_LANDMARKS_URL = new URL(
  "../../assets/networks/face-landmarks.onnx",
  import.meta.url,
);
