"""The NoW benchmark's metric a second time, with numpy, scipy and a plain search, for one system's folder.

now_reference.py DATA SYSTEM [UNIT]  ->  JSON on stdout, one object per photo of DATA/imagepathsvalidation.txt

Written from the description of now_evaluation, not from the TypeScript. `mean`, `median` and `std` are at the minimum that
scipy.optimize.least_squares finds; `dogleg_...` where chumpy's dogleg with the settings of now_evaluation stops.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation


def read_obj(path):
    vertices, faces = [], []
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["v"]:
            vertices.append([float(w) for w in words[1:4]])
        elif words[:1] == ["f"]:
            faces.append([int(w.split("/")[0]) - 1 for w in words[1:4]])
    return np.array(vertices), np.array(faces)


def read_pp(path):
    points = re.findall(r"<point\b[^>]*>", path.read_text())
    return np.array([[float(re.search(rf'\b{axis}="([^"]+)"', p)[1]) for axis in "xyz"] for p in points])


def crop(vertices, landmarks):
    bottom = landmarks[4]
    bridge = (landmarks[1] + landmarks[2]) / 2
    centre = bottom + 0.3 * (bridge - bottom)
    radius = 0.7 * (np.linalg.norm(landmarks[0] - landmarks[3]) + np.linalg.norm(bridge - bottom))
    return vertices[np.linalg.norm(vertices - centre, axis=1) <= radius]


def procrustes(target, source):
    """s, R, t with s R source + t nearest to target, R of either determinant."""
    a, b = target - target.mean(0), source - source.mean(0)
    u, sigma, vt = np.linalg.svd((a / np.linalg.norm(a)).T @ (b / np.linalg.norm(b)))
    rotation = u @ vt
    scale = sigma.sum() * np.linalg.norm(a) / np.linalg.norm(b)
    return scale, rotation, target.mean(0) - scale * rotation @ source.mean(0)


def closest_on_segments(points, a, b):
    ab = b - a
    along = ((points - a) * ab).sum(1) / np.maximum((ab * ab).sum(1), 1e-300)
    return a + np.clip(along, 0, 1)[:, None] * ab


def closest_points(points, vertices, faces):
    """All pairs of point and triangle, but for those whose triangle is certainly farther than some other's centre; of a
    triangle the foot on its plane where that falls inside, else the best of three edges."""
    corners = vertices[faces]
    centres = corners.mean(1)
    reach = np.linalg.norm(corners - centres[:, None], axis=2).max(1)
    to_centres = cdist(points, centres)
    which, face = np.nonzero(to_centres - reach <= to_centres.min(1, keepdims=True))
    p, (a, b, c) = points[which], corners[face].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
    foot = p - ((p - a) * normal).sum(1, keepdims=True) * normal
    edges = [(a, b), (b, c), (c, a)]
    inside = np.all([(np.cross(v - u, foot - u) * normal).sum(1) >= 0 for u, v in edges], axis=0)
    candidates = np.stack([foot] + [closest_on_segments(p, u, v) for u, v in edges])
    squares = ((p - candidates) ** 2).sum(2)
    squares[0][~inside] = np.inf
    part = squares.argmin(0)
    pair = np.arange(len(part))
    best = np.lexsort((squares[part, pair], which))
    first = best[np.unique(which[best], return_index=True)[1]]
    return candidates[part[first], first]


class Problem:
    """Residuals and derivatives of the refinement; parameters are [scale,] rotation vector, translation."""

    def __init__(self, points, vertices, faces, scaled):
        self.points, self.vertices, self.faces, self.scaled = points, vertices, faces, scaled
        self.start = np.array(([1.0] if scaled else []) + [0.0] * 6)
        self.last = None

    def move(self, x, points):
        scale, x = (x[0], x[1:]) if self.scaled else (1.0, x)
        return scale * Rotation.from_rotvec(x[:3]).apply(points) + x[3:]

    def unmove(self, x, points):
        scale, x = (x[0], x[1:]) if self.scaled else (1.0, x)
        return Rotation.from_rotvec(x[:3]).inv().apply(points - x[3:]) / scale

    def at(self, x):
        if self.last is None or not np.array_equal(self.last[0], x):
            moved = self.move(x, self.vertices)
            closest = closest_points(self.points, moved, self.faces)
            away = self.points - closest
            self.last = x.copy(), closest, away, np.linalg.norm(away, axis=1)
        return self.last

    def distances(self, x):
        return self.at(x)[3]

    def derivatives(self, x):
        """The closest point moves with the mesh; its motion by central differences."""
        _, closest, away, distances = self.at(x)
        at_rest = self.unmove(x, closest)
        columns = []
        for k in range(len(x)):
            step = np.zeros(len(x))
            step[k] = 1e-6
            motion = (self.move(x + step, at_rest) - self.move(x - step, at_rest)) / 2e-6
            columns.append(-(away * motion).sum(1) / np.maximum(distances, 1e-12))
        return np.stack(columns, 1)


def dogleg(problem, radius=0.1, least_gain=1e-4):
    """Powell's dogleg as chumpy runs it: ends when a step lowers the sum of squares by less than this part of it."""
    x = problem.start
    r, jacobian = problem.distances(x), problem.derivatives(x)
    for _ in range(200):
        gradient, matrix = -jacobian.T @ r, jacobian.T @ jacobian
        if np.abs(gradient).max() < 1e-15:
            break
        cauchy = gradient * (gradient @ gradient) / np.sum((jacobian @ gradient) ** 2)
        newton = np.linalg.solve(matrix, gradient)
        while True:
            if np.linalg.norm(cauchy) >= radius:
                step = cauchy * radius / np.linalg.norm(cauchy)
            elif np.linalg.norm(newton) <= radius:
                step = newton
            else:
                d = newton - cauchy
                p = 2 * cauchy @ d
                q = cauchy @ cauchy - radius**2
                step = cauchy + d * (-p + np.sqrt(p * p - 4 * (d @ d) * q)) / (2 * d @ d)
            trial = problem.distances(x + step)
            gain = r @ r - trial @ trial
            ratio = gain / (2 * gradient @ step - step @ matrix @ step)
            better = gain > 0
            if ratio > 0.9:
                radius = max(radius, 2.5 * np.linalg.norm(step))
            elif ratio < 0.05:
                radius *= 0.25
            if better or radius <= 1e-15:
                break
        if not better:
            break
        x = x + step
        if gain / (r @ r) < least_gain:
            break
        r, jacobian = problem.distances(x), problem.derivatives(x)
    return x


def score(data, system, line, unit):
    subject, challenge, file = line.split("/")[-3:]
    scan, _ = read_obj(next((data / "scans" / subject).glob("*.obj")))
    scan_landmarks = read_pp(next((data / "scans_lmks_onlypp" / subject).glob("*.pp")))
    stem = system / subject / challenge / file[:-4]
    vertices, faces = read_obj(stem.with_suffix(".obj"))
    scale, rotation, translation = procrustes(scan_landmarks, np.load(stem.with_suffix(".npy")))
    if unit:
        scale = {"mm": 1, "cm": 10, "m": 1000}[unit]
    posed = scale * vertices @ rotation.T + translation
    problem = Problem(crop(scan, scan_landmarks), posed, faces, not unit)
    found = least_squares(
        problem.distances, problem.start, problem.derivatives, x_scale="jac", ftol=1e-14, xtol=1e-14, gtol=1e-14, max_nfev=300
    )
    result = {"subject": f"{subject}/{challenge}/{file[:-4]}", "points": len(problem.points)}
    for prefix, x in (("", found.x), ("dogleg_", dogleg(problem)), ("start_", problem.start)):
        d = problem.distances(x)
        result |= {f"{prefix}mean": d.mean(), f"{prefix}median": np.median(d), f"{prefix}std": d.std()}
        result |= {f"{prefix}squares": d @ d}
    return result


def main(data, system, unit=None):
    lines = (Path(data) / "imagepathsvalidation.txt").read_text().split()
    print(json.dumps([score(Path(data), Path(system), line, unit) for line in lines]))


if __name__ == "__main__":
    main(*sys.argv[1:])
