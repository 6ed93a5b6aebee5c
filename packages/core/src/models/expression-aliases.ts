import type { MorphableModel } from "./morphable-model.js";

const both = (name: string, weight = 1) =>
  [
    [`${name}Left`, weight],
    [`${name}Right`, weight],
  ] as const;

/** Everyday names of expressions, as weights of ARKit's blend shapes at full strength. */
export const EXPRESSION_ALIASES: Readonly<Record<string, readonly (readonly [string, number])[]>> =
  {
    smile: [...both("mouthSmile"), ...both("cheekSquint", 0.5)],
    frown: [...both("mouthFrown"), ...both("browDown", 0.6)],
    blink: both("eyeBlink"),
    wink: [["eyeBlinkLeft", 1]],
    squint: both("eyeSquint"),
    jaw: [["jawOpen", 1]],
    kiss: [
      ["mouthPucker", 1],
      ["mouthFunnel", 0.3],
    ],
    puff: [["cheekPuff", 1]],
    sneer: [...both("noseSneer"), ...both("mouthUpperUp", 0.5)],
    surprise: [
      ["browInnerUp", 1],
      ...both("browOuterUp"),
      ...both("eyeWide", 0.8),
      ["jawOpen", 0.35],
    ],
    anger: [...both("browDown"), ...both("noseSneer", 0.5), ...both("mouthPress", 0.7)],
    sadness: [["browInnerUp", 0.9], ...both("mouthFrown", 0.8)],
    "brows-up": [["browInnerUp", 1], ...both("browOuterUp")],
    tongue: [
      ["tongueOut", 1],
      ["jawOpen", 0.35],
    ],
  };

/**
 * The modes that a name stands for in a model: its own mode of that name, otherwise those of an everyday
 * name that it has.
 *
 * @returns each mode's index and its share of the strength asked for; null where nothing is known by the name
 */
export function modesOfExpression(
  { expression }: MorphableModel,
  name: string,
): readonly (readonly [mode: number, share: number])[] | null {
  const own = expression.names.indexOf(name);
  if (own >= 0) return [[own, 1]];
  const alias = Object.hasOwn(EXPRESSION_ALIASES, name) ? EXPRESSION_ALIASES[name]! : [];
  const modes = alias
    .map(([mode, share]) => [expression.names.indexOf(mode), share] as const)
    .filter(([mode]) => mode >= 0);
  return modes.length > 0 ? modes : null;
}

/** The names of a model's expressions: its modes', then the everyday ones that it can show. */
export function expressionNames(model: MorphableModel): string[] {
  const aliases = Object.keys(EXPRESSION_ALIASES).filter(
    (name) => modesOfExpression(model, name) !== null,
  );
  return [...new Set([...model.expression.names, ...aliases])];
}
