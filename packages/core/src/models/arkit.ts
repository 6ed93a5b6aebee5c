const SIDED = [
  "eyeBlink",
  "eyeLookDown",
  "eyeLookIn",
  "eyeLookOut",
  "eyeLookUp",
  "eyeSquint",
  "eyeWide",
  "mouthSmile",
  "mouthFrown",
  "mouthDimple",
  "mouthStretch",
  "mouthPress",
  "mouthLowerDown",
  "mouthUpperUp",
  "browDown",
  "browOuterUp",
  "cheekSquint",
  "noseSneer",
];

const WHOLE = [
  "jawForward",
  "jawLeft",
  "jawRight",
  "jawOpen",
  "mouthClose",
  "mouthFunnel",
  "mouthPucker",
  "mouthLeft",
  "mouthRight",
  "mouthRollLower",
  "mouthRollUpper",
  "mouthShrugLower",
  "mouthShrugUpper",
  "browInnerUp",
  "cheekPuff",
  "tongueOut",
];

/**
 * The 52 blend shapes of Apple's ARKit (`ARFaceAnchor.BlendShapeLocation`), which web and game engines
 * look for by name. Left and right are the person's own.
 */
export const ARKIT_NAMES: readonly string[] = [
  ...SIDED.flatMap((name) => [`${name}Left`, `${name}Right`]),
  ...WHOLE,
];
