/** A GLB read by three.js, without its pictures: those need a browser. */
import { type Mesh, Texture, Vector3 } from "three";
import { type GLTF, GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

export function readGlb(bytes: Uint8Array): Promise<GLTF> {
  const loader = new GLTFLoader();
  loader.register(() => ({
    name: "no-pictures",
    loadTexture: () => Promise.resolve(new Texture()),
  }));
  return loader.parseAsync(bytes.slice().buffer, "");
}

export function meshesOf(gltf: GLTF): Map<string, Mesh> {
  const meshes = new Map<string, Mesh>();
  gltf.scene.traverse((object) => {
    if ((object as Mesh).isMesh) meshes.set(object.name, object as Mesh);
  });
  return meshes;
}

/** Positions of a mesh with its morph targets applied, metres. */
export function morphed(mesh: Mesh): Float32Array {
  const { count } = mesh.geometry.getAttribute("position");
  const out = new Float32Array(3 * count);
  const point = new Vector3();
  for (let v = 0; v < count; v++) {
    mesh.getVertexPosition(v, point);
    point.toArray(out, 3 * v);
  }
  return out;
}
