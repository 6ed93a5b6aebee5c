/** The benchmarks of face reconstruction. Node only. */

export * from "./choices.js";
export * from "./files/landmark-text.js";
export { objText } from "./files/obj.js";
export * from "./files/parse-landmarks.js";
export * from "./files/parse-mesh.js";
export { plyBytes } from "./files/ply.js";
export * from "./files/read-landmarks.node.js";
export * from "./files/read-mesh.node.js";
export * from "./geometry/affine-deformation.js";
export {
  alignToSurface,
  type SurfaceAlignment,
  type SurfaceAlignmentOptions,
} from "./geometry/align-to-surface.js";
export * from "./geometry/clean-mesh.js";
export * from "./geometry/closest-points.js";
export type * from "./geometry/mesh.js";
export * from "./geometry/mesh-edges.js";
export * from "./geometry/nearest-vertices.js";
export { composeSimilarities, invertSimilarity } from "./geometry/similarity-algebra.js";
export * from "./geometry/similarity3.js";
export * from "./identity/fold-accuracy.js";
export * from "./identity/gallery.js";
export * from "./identity/roc.js";
export * from "./lfw/evaluate-lfw.node.js";
export * from "./meshes/compare-meshes.js";
export * from "./meshes/meshes-settings.js";
export * from "./meshes/plan-meshes.node.js";
export * from "./meshes/report-meshes.js";
export * from "./micc/deep3d-distance.js";
export type * from "./micc/landmarked-mesh.js";
export * from "./micc/micc-distance.js";
export {
  MICC_PROTOCOLS,
  MICC_SCANS,
  MICC_SETTINGS,
  type MiccProtocol,
  type MiccScan,
  type MiccSetting,
  type MiccSettings,
  type MiccUnits,
} from "./micc/micc-settings.js";
export * from "./micc/plan-micc.node.js";
export * from "./micc/plan-registrations.node.js";
export * from "./micc/register-scan.js";
export * from "./micc/report-micc.js";
export {
  type ListedPhoto,
  NOW_CHALLENGES,
  type NowChallenge,
  type NowPhoto,
  parseImageList,
  photoPath,
} from "./now/image-list.js";
export * from "./now/now-distances.js";
export {
  type NowPlanOptions,
  planNow,
  readImageList,
} from "./now/plan-now.node.js";
export * from "./now/report-now.js";
export * from "./now/submission-now.node.js";
export * from "./photos/evaluate-photos.node.js";
export {
  type FittedHead,
  type HeadFitOptions,
  type HeadFitter,
  type HeadPictures,
  openHeadFitter,
  type ReadPhoto,
} from "./photos/head-fitter.js";
export * from "./photos/judge.js";
export * from "./photos/open-head-tools.node.js";
export type * from "./photos/people.js";
export * from "./photos/people.node.js";
export type * from "./photos/photo-tools.js";
export * from "./photos/photos-options.js";
export * from "./photos/picture-likeness.js";
export * from "./photos/shape-distance.js";
export type { WhichFace } from "./photos/which-face.js";
export * from "./predict/photo-sets.node.js";
export * from "./predict/predict-heads.node.js";
export * from "./predict/prediction-writers.node.js";
export * from "./realy/head-export.js";
export * from "./realy/head-export.node.js";
export * from "./realy/keypoints.js";
export * from "./realy/plan-realy.node.js";
export { REALY_VIEWS, type RealyView } from "./realy/prediction-names.js";
export * from "./realy/realy-error-text.js";
export { REALY_REGIONS, type RealyRegion } from "./realy/realy-regions.js";
export * from "./realy/report-realy.js";
export * from "./realy/score-realy.js";
export type { RealyTopology } from "./realy/topology.js";
export { readTopology as readRealyTopology } from "./realy/topology.node.js";
export { type DrawErrorMapOptions, drawErrorMap } from "./report/draw-error-map.js";
export * from "./report/json.js";
export type * from "./report/report.js";
export * from "./report/stand-in-report.js";
export * from "./report/text-table.js";
export * from "./report/write-report.node.js";
export * from "./run/run-jobs.node.js";
export * from "./run/run-plan.node.js";
export * from "./score.js";
export { isStandIn } from "./standin/is-stand-in.node.js";
export * from "./standin/micc-standin.node.js";
export * from "./standin/now-standin.node.js";
export * from "./standin/realy-standin.node.js";
export { STAND_IN_DEFAULTS, type StandInOptions } from "./standin/standin-options.js";
export * from "./statistics/distribution.js";
export * from "./statistics/histogram.js";
export * from "./statistics/statistics.js";
