/** The renderer put together from its operators, for scenes of the tests. */
import { Graph, type Tensor, type TypedArray } from "@ganfit/autodiff";
import { type Camera, project } from "../../src/render/camera.js";
import { cameraFrame } from "../../src/render/camera-graph.js";
import { interpolate, locatePixels } from "../../src/render/interpolate.js";
import { smoothNormals, unitRows } from "../../src/render/normals-graph.js";
import { rasterize } from "../../src/render/rasterize.js";
import { type LightingTensors, shade } from "../../src/render/shade.js";
import { sampleTexture } from "../../src/render/texture.js";
import type { Scene } from "./ray-caster.js";

export interface GraphRenderer {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** What gradients are taken for. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** [P, 3]. */
  readonly colours: Tensor;
  /** [P, 1]. */
  readonly coverage: Tensor;
}

/** A graph for `count` pixels of scenes with the mesh, texture size and kind of light of this one. */
export function graphRenderer(scene: Scene, count: number): GraphRenderer {
  const graph = new Graph();
  const input = (name: string, ...shape: number[]) => graph.input(name, "float32", shape);
  const { size } = scene.texture;
  const camera = {
    position: input("position", 3),
    lookAt: input("lookAt", 3),
    focalLength: input("focalLength", 1),
    roll: input("roll", 1),
  };
  const principalPoint = input("principalPoint", 2);
  const vertices = input("vertices", scene.vertices.length / 3, 3);
  const texture = input("texture", 1, 3, size, size);
  const pixels = {
    ids: graph.input("ids", "int32", [count]),
    positions: input("positions", count, 2),
  };
  const light =
    scene.lighting.kind === "phong"
      ? {
          lightPosition: input("lightPosition", 3),
          colour: input("colour", 3),
          ambient: input("ambient", 3),
          strength: input("strength", 1),
          shininess: input("shininess", 1),
        }
      : { coefficients: input("coefficients", 9, 3) };

  const { triangles, uvTriangles } = scene;
  const inCamera = cameraFrame(vertices, camera);
  const { focalLength } = camera;
  const located = locatePixels(pixels, { inCamera, triangles, focalLength, principalPoint });
  const uv = graph.constant(Float32Array.from(scene.uv), "float32", [scene.uv.length / 2, 2]);
  const albedo = sampleTexture(texture, interpolate(uv, uvTriangles, located));
  const normals = unitRows(interpolate(smoothNormals(vertices, triangles), triangles, located));
  const positions = interpolate(vertices, triangles, located);
  const lighting: LightingTensors =
    "coefficients" in light
      ? { kind: "spherical-harmonics", coefficients: light.coefficients }
      : {
          kind: "phong",
          position: light.lightPosition,
          colour: light.colour,
          ambient: light.ambient,
          highlight: {
            strength: light.strength,
            shininess: light.shininess,
            viewer: camera.position,
          },
        };
  const parameters = { ...camera, vertices, texture, ...light };
  return {
    graph,
    inputs: { ...parameters, principalPoint, ...pixels },
    parameters,
    colours: shade({ albedo, normals, positions }, lighting),
    coverage: located.coverage,
  };
}

/** The scene's numbers by the names of the graph's inputs, without pixels. */
export function feedsOf(scene: Scene): Record<string, Float32Array> {
  const { camera, lighting } = scene;
  const light: Record<string, readonly number[]> =
    lighting.kind === "phong"
      ? {
          lightPosition: lighting.position,
          colour: lighting.colour,
          ambient: lighting.ambient,
          strength: [lighting.specular],
          shininess: [lighting.shininess],
        }
      : { coefficients: lighting.coefficients };
  const values: Record<string, ArrayLike<number>> = {
    position: camera.position,
    lookAt: camera.lookAt,
    focalLength: [camera.focalLength],
    roll: [camera.roll],
    principalPoint: camera.principalPoint,
    vertices: scene.vertices,
    texture: scene.texture.planes,
    ...light,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, Float32Array.from(data)]),
  );
}

/** The scene with other numbers, by the same names. */
export function withNumbers(scene: Scene, values: Record<string, ArrayLike<number>>): Scene {
  const three = (name: string) => Array.from(values[name]!) as [number, number, number];
  const [x, y] = Array.from(values.principalPoint!) as [number, number];
  const camera: Camera = {
    position: three("position"),
    lookAt: three("lookAt"),
    focalLength: values.focalLength![0]!,
    roll: values.roll![0]!,
    principalPoint: [x, y],
  };
  return {
    ...scene,
    camera,
    vertices: Float64Array.from(values.vertices!),
    texture: { size: scene.texture.size, planes: Float64Array.from(values.texture!) },
    lighting:
      scene.lighting.kind === "phong"
        ? {
            kind: "phong",
            position: three("lightPosition"),
            colour: three("colour"),
            ambient: three("ambient"),
            specular: values.strength![0]!,
            shininess: values.shininess![0]!,
          }
        : { kind: "spherical-harmonics", coefficients: Array.from(values.coefficients!) },
  };
}

/** Every pixel of a square picture, and the triangle there. */
export function pixelsOf(scene: Scene, size: number): Record<"ids" | "positions", TypedArray> {
  const { triangle } = rasterize({
    positions: project(scene.vertices, scene.camera),
    triangles: scene.triangles,
    width: size,
    height: size,
    cullBack: true,
  });
  const positions = Float32Array.from({ length: 2 * size * size }, (_, i) => {
    const pixel = i >> 1;
    return (i % 2 === 0 ? pixel % size : Math.floor(pixel / size)) + 0.5;
  });
  return { ids: triangle, positions };
}
