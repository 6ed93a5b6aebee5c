/** What options of the benchmarks may be. Light to load, for command lines, unlike the package's whole entry. */
export { MESH_ALIGNMENTS, type MeshAlignment } from "./meshes/meshes-settings.js";
export { MICC_PROTOCOLS, type MiccProtocol } from "./micc/micc-settings.js";
export { NOW_CHALLENGES, type NowChallenge } from "./now/image-list.js";
export { METRICAL_UNITS, type MetricalUnit, NOW_SETS, type NowSet } from "./now/now-settings.js";
export { TEXTURES, type Texture } from "./photos/textures.js";
export { REALY_VIEWS, type RealyView } from "./realy/prediction-names.js";
export { STAND_IN_DEFAULTS } from "./standin/standin-options.js";
