// Written by tools/fit/view-statistics.ts from 58 fits of training people's portraits; not by hand.

export interface ViewStatistics {
  /** Weights of blend shapes, by name; those at rest are left out. */
  readonly expression: Readonly<
    Record<string, { readonly mean: number; readonly deviation: number }>
  >;
  /** 27 spherical harmonics: the mean, and principal directions as long as their standard deviations. */
  readonly light: {
    readonly mean: readonly number[];
    readonly directions: readonly (readonly number[])[];
  };
}

export const VIEW_STATISTICS: ViewStatistics = {
  expression: {
    eyeBlinkLeft: {
      mean: 0.0261,
      deviation: 0.0316,
    },
    eyeBlinkRight: {
      mean: 0.0297,
      deviation: 0.036,
    },
    eyeLookDownLeft: {
      mean: 0.0176,
      deviation: 0.0436,
    },
    eyeLookDownRight: {
      mean: 0.0149,
      deviation: 0.0393,
    },
    eyeLookInLeft: {
      mean: 0.0438,
      deviation: 0.0578,
    },
    eyeLookInRight: {
      mean: 0.0681,
      deviation: 0.0656,
    },
    eyeLookOutLeft: {
      mean: 0.0228,
      deviation: 0.0417,
    },
    eyeLookOutRight: {
      mean: 0.0081,
      deviation: 0.0229,
    },
    eyeLookUpLeft: {
      mean: 0.0708,
      deviation: 0.0862,
    },
    eyeLookUpRight: {
      mean: 0.0826,
      deviation: 0.0864,
    },
    eyeSquintLeft: {
      mean: 0.012,
      deviation: 0.0309,
    },
    eyeSquintRight: {
      mean: 0.0203,
      deviation: 0.0346,
    },
    eyeWideLeft: {
      mean: 0.0153,
      deviation: 0.0279,
    },
    eyeWideRight: {
      mean: 0.0134,
      deviation: 0.0269,
    },
    mouthSmileLeft: {
      mean: 0.0187,
      deviation: 0.0309,
    },
    mouthSmileRight: {
      mean: 0.0187,
      deviation: 0.0301,
    },
    mouthFrownLeft: {
      mean: 0.0113,
      deviation: 0.0285,
    },
    mouthFrownRight: {
      mean: 0.0186,
      deviation: 0.0273,
    },
    mouthStretchLeft: {
      mean: 0.0318,
      deviation: 0.0462,
    },
    mouthStretchRight: {
      mean: 0.0524,
      deviation: 0.0641,
    },
    mouthPressLeft: {
      mean: 0.051,
      deviation: 0.0706,
    },
    mouthPressRight: {
      mean: 0.0389,
      deviation: 0.058,
    },
    mouthLowerDownLeft: {
      mean: 0.0044,
      deviation: 0.0114,
    },
    mouthLowerDownRight: {
      mean: 0.0061,
      deviation: 0.0148,
    },
    mouthUpperUpLeft: {
      mean: 0.0331,
      deviation: 0.041,
    },
    mouthUpperUpRight: {
      mean: 0.0278,
      deviation: 0.0376,
    },
    browDownLeft: {
      mean: 0.0324,
      deviation: 0.0493,
    },
    browDownRight: {
      mean: 0.0408,
      deviation: 0.0548,
    },
    browOuterUpLeft: {
      mean: 0.0546,
      deviation: 0.0685,
    },
    browOuterUpRight: {
      mean: 0.0342,
      deviation: 0.0556,
    },
    cheekSquintLeft: {
      mean: 0.0119,
      deviation: 0.0216,
    },
    cheekSquintRight: {
      mean: 0.0128,
      deviation: 0.0228,
    },
    jawLeft: {
      mean: 0.0138,
      deviation: 0.0198,
    },
    jawRight: {
      mean: 0.0164,
      deviation: 0.0205,
    },
    jawOpen: {
      mean: 0.0207,
      deviation: 0.0254,
    },
    mouthClose: {
      mean: 0.0148,
      deviation: 0.0162,
    },
    mouthFunnel: {
      mean: 0.0427,
      deviation: 0.042,
    },
    mouthPucker: {
      mean: 0.0288,
      deviation: 0.042,
    },
    mouthLeft: {
      mean: 0.0243,
      deviation: 0.0265,
    },
    mouthRight: {
      mean: 0.0233,
      deviation: 0.0324,
    },
    mouthRollLower: {
      mean: 0.0273,
      deviation: 0.0515,
    },
    mouthRollUpper: {
      mean: 0.0142,
      deviation: 0.0255,
    },
    mouthShrugLower: {
      mean: 0.0626,
      deviation: 0.0635,
    },
    mouthShrugUpper: {
      mean: 0.1085,
      deviation: 0.0797,
    },
    browInnerUp: {
      mean: 0.0445,
      deviation: 0.0589,
    },
    cheekPuff: {
      mean: 0.0281,
      deviation: 0.0524,
    },
    "eyebrows-left-up": {
      mean: 0.0737,
      deviation: 0.0733,
    },
    "eyebrows-right-up": {
      mean: 0.0431,
      deviation: 0.053,
    },
    "mouth-parling": {
      mean: 0.0201,
      deviation: 0.0442,
    },
    "mouth-part-later": {
      mean: 0.026,
      deviation: 0.0435,
    },
    "mouth-upward-retraction": {
      mean: 0.1035,
      deviation: 0.1401,
    },
    "neck-platysma": {
      mean: 0.0831,
      deviation: 0.0642,
    },
    "nose-compression": {
      mean: 0.0033,
      deviation: 0.0114,
    },
    "nose-depression": {
      mean: 0.004,
      deviation: 0.0154,
    },
  },
  light: {
    mean: [
      0.9635, 0.9482, 0.9619, -0.0425, -0.0393, -0.0438, 0.1012, 0.0989, 0.1151, 0.0745, 0.0269,
      0.0304, 0.0038, 0.0024, 0.0024, 0.0238, 0.0172, 0.0206, 0.0977, 0.0688, 0.0527, 0.002, 0.0038,
      0.0036, -0.0917, -0.0932, -0.0911,
    ],
    directions: [
      [
        -0.0495, -0.0748, -0.0712, 0.0402, 0.0566, 0.0466, -0.0357, -0.0311, -0.0294, -0.0929,
        -0.1276, -0.1212, -0.0066, -0.0013, -0.0019, -0.0143, -0.0042, 0.0027, -0.0429, -0.0453,
        -0.0501, 0.0121, 0.0059, 0.0085, 0.0204, -0.0006, 0.0015,
      ],
      [
        0.0481, 0.0014, 0.0131, 0.0814, 0.051, 0.0532, 0.0272, 0.0042, -0.0072, 0.0574, -0.0136,
        0.0036, 0.0002, 0.0004, -0.0003, 0.0097, 0.0044, 0.0041, 0.0223, -0.0046, 0.0018, 0.0179,
        0.0137, 0.0166, 0.0114, 0.0086, 0.0137,
      ],
      [
        0.0131, 0.0099, 0.0153, 0.0038, 0.0082, -0.0047, -0.0455, -0.0421, -0.0532, 0.0008, 0.005,
        0.0192, -0.0018, -0.0021, 0.0003, -0.0096, -0.0173, -0.0086, -0.005, -0.0042, 0.0005,
        -0.0051, -0.0073, -0.0056, 0.0088, 0.0072, 0.006,
      ],
      [
        -0.0144, 0.012, 0.0075, -0.0037, 0.041, 0.0314, -0.0217, 0.018, 0.0225, -0.0261, 0.0215,
        0.025, 0, 0.0001, 0.0013, -0.0081, 0.005, 0.001, -0.0186, -0.0046, 0.0038, -0.0012, 0,
        -0.0056, 0.0017, 0.0055, -0.0014,
      ],
      [
        0.0323, 0.012, 0.0132, 0.0047, -0.014, -0.0112, -0.0196, 0.0126, 0.0185, -0.0117, -0.0192,
        -0.0031, 0.0015, -0.0001, -0.0005, 0.0022, 0.0037, 0.0071, -0.0091, -0.0024, -0.0007,
        0.0008, 0.0075, -0.0028, 0.0173, 0.0094, 0.0005,
      ],
      [
        0.0048, -0.0075, 0.0019, -0.0023, 0.0189, -0.0174, -0.0082, -0.0254, 0.0308, 0.0086,
        -0.0112, 0.0073, -0.0004, 0.0001, 0.0017, -0.0032, -0.0069, -0.0018, 0.0039, 0.0023,
        -0.0043, 0.0033, -0.0011, 0.0035, -0.0175, -0.0118, -0.0015,
      ],
      [
        0.0101, -0.0107, -0.0052, -0.0255, 0.0101, 0.0071, -0.015, 0.0174, -0.0041, 0.0233, -0.0042,
        -0.0092, -0.0009, -0.0013, -0.0005, -0.0033, -0.0023, 0.0004, 0.0035, -0.002, 0.0023,
        -0.0066, -0.0028, -0.0071, 0.0054, -0.0113, -0.0011,
      ],
      [
        -0.0044, -0.0022, -0.0029, -0.0113, 0.0039, 0.0004, 0.0097, -0.0169, 0.0087, 0.0081, 0.0051,
        -0.0017, 0.0037, -0.0017, -0.001, 0.0041, -0.0002, -0.0004, -0.0087, -0.0009, 0.0003,
        -0.003, 0.009, -0.0004, 0.0276, 0.0113, 0.0077,
      ],
      [
        -0.0083, -0.0073, -0.0084, 0.01, 0.0044, -0.0211, -0.0091, 0.0122, -0.0008, 0.008, 0.0101,
        0.0014, -0.0005, 0.0016, 0.0007, -0.0041, -0.0023, 0.0026, -0.0015, -0.0111, -0.001, 0.014,
        0.0011, 0.005, 0.0056, 0.0079, 0.0007,
      ],
      [
        -0.0088, -0.015, -0.0021, 0.0072, -0.0139, 0.0091, -0.0067, 0.0017, 0.0065, 0.0045, -0.009,
        0.0161, -0.0001, 0.0005, -0.002, -0.004, -0.0061, -0.0024, 0.0038, 0.0058, 0.0012, -0.0041,
        -0.0034, -0.0044, 0.0054, 0.0044, -0.0002,
      ],
      [
        -0.0015, -0.0004, 0.0057, -0.0098, -0.0033, 0.0051, 0.0009, 0.002, -0.0035, 0.0006, -0.006,
        0.0041, -0.0034, 0.0007, -0.0005, -0.0032, -0.0048, -0.0059, -0.0036, 0.0019, -0.0003,
        0.0185, 0.0166, 0.006, -0.0052, 0.0009, 0.0042,
      ],
      [
        -0.0048, 0.0022, 0.0022, 0.0027, 0.0015, 0.0005, -0.0069, -0.0025, 0.0017, -0.0009, 0.0038,
        -0.0117, 0.0005, 0.0011, 0.0012, -0.0089, 0.0002, 0.0062, 0.0093, 0.0191, 0.0094, 0.004,
        0.0039, 0.0021, 0.0046, 0.0013, -0.0048,
      ],
    ],
  },
};
