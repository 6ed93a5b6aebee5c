// How ARKit's 52 blend shapes are made of MakeHuman's expression units and facial targets.

/** Where a blend shape comes from. */
export type Correspondence =
  /** A MakeHuman expression unit shows the same movement. */
  | "unit"
  /** No unit does, but facial targets made for identity move the same tissue the same way. */
  | "facial"
  /** MakeHuman has nothing like it: no correspondence. The movement is made by rule, see expressions.ts. */
  | "rule";

/** Which half of a bilateral field a blend shape takes; the halves add up to the whole. */
export type Half = "left" | "right" | "both";

export interface Recipe {
  readonly from: Correspondence;
  /**
   * Weighted sum of units (`mouth-open`), facial targets (`mouth/mouth-trans-in`) or rules (`:jaw-left`).
   * `*` in a name stands for the side: `left`/`right` in units and rules, `l`/`r` in targets.
   */
  readonly terms: readonly (readonly [name: string, weight: number])[];
  readonly half: Half;
}

const unit = (name: string, half: Half = "both", weight = 1): Recipe => ({
  from: "unit",
  terms: [[name, weight]],
  half,
});
const facial = (terms: Recipe["terms"], half: Half = "both"): Recipe => ({
  from: "facial",
  terms,
  half,
});
const rule = (...terms: Recipe["terms"]): Recipe => ({ from: "rule", terms, half: "both" });

/** Blend shapes of one side, without `Left` or `Right`; a `*` name is one-sided already, others are halved. */
const SIDED_RECIPES: readonly (readonly [string, (half: Half) => Recipe])[] = [
  ["eyeBlink", () => unit("eye-*-closure")],
  ["eyeLookDown", () => rule([":eye-*-down", 1], ["eye-*-closure", 0.35])],
  ["eyeLookIn", () => rule([":eye-*-in", 1])],
  ["eyeLookOut", () => rule([":eye-*-out", 1])],
  ["eyeLookUp", () => rule([":eye-*-up", 1], ["eye-*-opened-up", 0.9])],
  ["eyeSquint", () => unit("eye-*-slit")],
  ["eyeWide", () => unit("eye-*-opened-up")],
  ["mouthSmile", (half) => unit("mouth-corner-puller", half)],
  ["mouthFrown", (half) => unit("mouth-depression", half)],
  ["mouthDimple", (half) => facial([["mouth/mouth-dimples-in", 1]], half)],
  ["mouthStretch", (half) => unit("mouth-retraction", half)],
  ["mouthPress", (half) => unit("mouth-compression", half)],
  ["mouthLowerDown", (half) => unit("mouth-depression-retraction", half)],
  ["mouthUpperUp", (half) => unit("mouth-elevation", half)],
  ["browDown", () => unit("eyebrows-*-down")],
  ["browOuterUp", () => unit("eyebrows-*-extern-up")],
  ["cheekSquint", () => facial([["cheek/*-cheek-trans-vert-up", 1]])],
  ["noseSneer", () => unit("nose-*-elevation")],
];

const CENTRAL_RECIPES: readonly (readonly [string, Recipe])[] = [
  ["jawForward", rule([":jaw-forward", 1])],
  ["jawLeft", rule([":jaw-left", 1])],
  ["jawRight", rule([":jaw-right", 1])],
  ["jawOpen", unit("mouth-open")],
  ["mouthClose", rule([":mouth-close", 1])],
  ["mouthFunnel", unit("mouth-protusion")],
  ["mouthPucker", unit("mouth-pursing")],
  ["mouthLeft", facial([["mouth/mouth-trans-out", 1.5]])],
  ["mouthRight", facial([["mouth/mouth-trans-in", 1.5]])],
  ["mouthRollLower", facial([["mouth/mouth-lowerlip-height-min", 1]])],
  ["mouthRollUpper", facial([["mouth/mouth-upperlip-height-min", 1]])],
  ["mouthShrugLower", unit("mouth-eversion")],
  ["mouthShrugUpper", facial([["mouth/mouth-trans-up", 1]])],
  [
    "browInnerUp",
    {
      from: "unit",
      terms: [
        ["eyebrows-left-inner-up", 1],
        ["eyebrows-right-inner-up", 1],
      ],
      half: "both",
    },
  ],
  [
    "cheekPuff",
    facial([
      ["cheek/l-cheek-volume-inflate", 1],
      ["cheek/r-cheek-volume-inflate", 1],
    ]),
  ],
  ["tongueOut", rule([":tongue-out", 1])],
];

const SIDES = [
  ["Left", "left", "l"],
  ["Right", "right", "r"],
] as const;

/** Every ARKit name with its recipe. */
export const ARKIT: ReadonlyMap<string, Recipe> = new Map([
  ...SIDED_RECIPES.flatMap(([name, recipe]) =>
    SIDES.map(([suffix, side, letter]): [string, Recipe] => {
      const made = recipe(side);
      return [
        `${name}${suffix}`,
        {
          ...made,
          terms: made.terms.map(([term, weight]): [string, number] => [
            term.replace("*", term.includes("/") ? letter : side),
            weight,
          ]),
        },
      ];
    }),
  ),
  ...CENTRAL_RECIPES,
]);

/** Units that say something ARKit's shapes do not; they keep MakeHuman's names. */
export const OWN_UNITS: readonly string[] = [
  "eyebrows-left-up",
  "eyebrows-right-up",
  "mouth-parling",
  "mouth-part-later",
  "mouth-upward-retraction",
  "neck-platysma",
  "nose-compression",
  "nose-depression",
  "nose-left-dilatation",
  "nose-right-dilatation",
];

const ORIGIN: Readonly<Record<Correspondence, string>> = {
  unit: "expression unit",
  facial: "facial target, in place of a unit",
  rule: "no correspondence; made by rule",
};

/** The table of docs/default-head.md, in Markdown. */
export function correspondenceTable(): string {
  const rows = [...ARKIT].map(([name, { from, terms, half }]) => {
    const sum = terms
      .map(([term, weight]) => (weight === 1 ? `\`${term}\`` : `${weight} \`${term}\``))
      .join(" + ");
    return `| ${name} | ${ORIGIN[from]} | ${sum}${half === "both" ? "" : `, ${half} half`} |`;
  });
  return ["| ARKit | from | made of |", "|---|---|---|", ...rows].join("\n");
}
