/** What the page of the GLB test runs: three.js drawing a file with the colours of its textures as they are. */
import {
  type Mesh,
  MeshBasicMaterial,
  type MeshStandardMaterial,
  PerspectiveCamera,
  WebGLRenderer,
} from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

export interface GlbView {
  readonly width: number;
  readonly height: number;
  /** Metres. */
  readonly position: readonly number[];
  /** Metres. */
  readonly lookAt: readonly number[];
  /** Degrees between top and bottom. */
  readonly fov: number;
}

declare global {
  /** @returns `height x width x 3` bytes, rows from the top, as base64 */
  var drawGlb: (base64: string, view: GlbView) => Promise<string>;
}

globalThis.drawGlb = async (base64, { width, height, position, lookAt, fov }) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const { scene } = await new GLTFLoader().parseAsync(bytes.buffer, "");
  scene.traverse((object) => {
    const mesh = object as Mesh;
    if (!mesh.isMesh) return;
    const { map, color, vertexColors, side, transparent } = mesh.material as MeshStandardMaterial;
    mesh.material = new MeshBasicMaterial({ map, color, vertexColors, side, transparent });
  });
  const renderer = new WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
  renderer.setSize(width, height);
  renderer.setClearColor(0xffffff);
  document.body.append(renderer.domElement);
  const camera = new PerspectiveCamera(fov, width / height, 0.05, 10);
  camera.position.fromArray(position);
  camera.lookAt(lookAt[0]!, lookAt[1]!, lookAt[2]!);
  renderer.render(scene, camera);

  const context = renderer.getContext();
  const pixels = new Uint8Array(4 * width * height);
  context.readPixels(0, 0, width, height, context.RGBA, context.UNSIGNED_BYTE, pixels);
  const characters: string[] = [];
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      characters.push(String.fromCharCode(pixels[at]!, pixels[at + 1]!, pixels[at + 2]!));
    }
  }
  return btoa(characters.join(""));
};
