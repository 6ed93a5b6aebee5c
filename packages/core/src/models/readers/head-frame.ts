// Where the origin of a head lies: between the ears, as MorphableModel promises.

/**
 * From iBUG's outermost jaw points (0 and 16), which lie in front of the ears at the height of the
 * eyes: their midpoint, 10 mm down and 50 mm back. On the mean of ICT-FaceKit, which has ears, that is
 * within 1 mm of the middle between the ears' outermost points.
 *
 * @param right position of point 0, millimetres
 * @param left position of point 16, millimetres
 */
export function originFromJaw(
  right: ArrayLike<number>,
  left: ArrayLike<number>,
): [number, number, number] {
  return [
    (right[0]! + left[0]!) / 2,
    (right[1]! + left[1]!) / 2 - 10,
    (right[2]! + left[2]!) / 2 - 50,
  ];
}

/**
 * For a face without known landmarks: 140 mm behind and 25 mm above its frontmost point, the tip of
 * the nose, as on the means of ICT-FaceKit and the Surrey model within 6 mm; in x the middle.
 *
 * @param mean `V x 3` positions, millimetres
 */
export function originFromNose(mean: Float32Array): [number, number, number] {
  let tip = 0;
  let left = Number.NEGATIVE_INFINITY;
  let right = Number.POSITIVE_INFINITY;
  for (let v = 0; v < mean.length; v += 3) {
    if (mean[v + 2]! > mean[tip + 2]!) tip = v;
    left = Math.max(left, mean[v]!);
    right = Math.min(right, mean[v]!);
  }
  return [(left + right) / 2, mean[tip + 1]! + 25, mean[tip + 2]! - 140];
}

/** Moves positions in place so that `origin` becomes (0, 0, 0). */
export function moveOrigin(positions: Float32Array, origin: readonly number[]): void {
  for (let i = 0; i < positions.length; i++) positions[i]! -= origin[i % 3]!;
}
