"""REALY's evaluation once more, from its published description, to compare ours with.

    python3 realy_reference.py DATA PREDICTION TOPOLOGY SUBJECT [MASK]

prints JSON: the four errors in millimetres. Simple and slow; only for small regions.
"""

import json
import sys

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree


def read_obj(path):
    vertices, faces = [], []
    with open(path) as lines:
        for line in lines:
            words = line.split()
            if words[:1] == ["v"]:
                vertices.append([float(w) for w in words[1:4]])
            elif words[:1] == ["f"]:
                corners = [int(w.split("/")[0]) - 1 for w in words[1:]]
                faces += [[corners[0], b, c] for b, c in zip(corners[1:], corners[2:])]
    return np.array(vertices), np.array(faces, dtype=int).reshape(-1, 3)


def closest_on_triangles(p, a, b, c):
    """Nearest points of triangles: in the plane if that falls inside, else on the nearest of three edges."""
    ab, ac, ap = b - a, c - a, p - a
    dot = lambda x, y: np.einsum("...k,...k", x, y)
    d00, d01, d11 = dot(ab, ab), dot(ab, ac), dot(ac, ac)
    d20, d21 = dot(ap, ab), dot(ap, ac)
    area = d00 * d11 - d01 * d01
    safe = np.where(area > 0, area, 1)
    v = (d11 * d20 - d01 * d21) / safe
    w = (d00 * d21 - d01 * d20) / safe
    inside = (area > 0) & (v >= 0) & (w >= 0) & (v + w <= 1)
    best = a + v[..., None] * ab + w[..., None] * ac
    best_d = np.where(inside, dot(best - p, best - p), np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        along = end - start
        length = dot(along, along)
        t = np.clip(dot(p - start, along) / np.where(length > 0, length, 1), 0, 1)
        q = start + t[..., None] * along
        d = dot(q - p, q - p)
        nearer = d < best_d
        best = np.where(nearer[..., None], q, best)
        best_d = np.where(nearer, d, best_d)
    return best, np.sqrt(best_d)


class Surface:
    """Exact closest points: more and more of the triangles with the nearest centres, until none beyond can win."""

    def __init__(self, vertices, faces):
        self.corners = vertices[faces]
        centres = self.corners.mean(1)
        self.radius = np.linalg.norm(self.corners - centres[:, None], axis=2).max()
        self.tree = cKDTree(centres)

    def closest(self, points):
        out = np.empty_like(points)
        open_points = np.arange(len(points))
        k = 32
        while len(open_points):
            k = min(k, len(self.corners))
            centre_distance, which = self.tree.query(points[open_points], k)
            tri = self.corners[which]
            asked = np.broadcast_to(points[open_points][:, None], tri[:, :, 0].shape)
            found, d = closest_on_triangles(asked, tri[:, :, 0], tri[:, :, 1], tri[:, :, 2])
            best = d.argmin(1)
            rows = np.arange(len(open_points))
            out[open_points] = found[rows, best]
            sure = (d[rows, best] <= centre_distance[:, -1] - self.radius) | (k == len(self.corners))
            open_points = open_points[~sure]
            k *= 4
        return out


def pose(source, target, scaled):
    cs, ct = source.mean(0), target.mean(0)
    s, t = source - cs, target - ct
    u, _, vh = np.linalg.svd(t.T @ s)
    r = u @ vh
    scale = np.abs(t).sum() / np.abs(s @ r.T).sum() if scaled else 1.0
    return scale, r, (target - scale * source @ r.T).mean(0)


def clean(vertices, faces):
    """Vertices at the same place become one; those of no face go."""
    keys, names = {}, np.empty(len(vertices), dtype=int)
    for i, v in enumerate(np.round(vertices / 1e-8).astype(np.int64)):
        names[i] = keys.setdefault(tuple(v), i)
    faces = names[faces]
    used = np.unique(faces)
    place = np.full(len(vertices), -1)
    place[used] = np.arange(len(used))
    return vertices[used], place[faces]


BROWS_AND_EYES = list(range(36, 48)) + list(range(17, 27))
LIPS = list(range(48, 61)) + [64]
RIGID = {
    "nose": list(range(27, 36)) + [70, 71],
    "mouth": LIPS,
    "forehead": BROWS_AND_EYES,
    "cheek": LIPS + [76, 77, 36, 41, 40, 39, 42, 47, 46, 45, 7, 8, 9],
}
SOFT = {"nose": list(range(27, 36)), "mouth": LIPS, "forehead": BROWS_AND_EYES, "cheek": None}
SEVEN = [36, 39, 42, 45, 33, 48, 54]


def rigid(vertices, faces, keypoints, truth, scan, region):
    """The prediction moved rigidly to the region."""
    k = RIGID[region]
    times = int(len(scan) / len(k) / (4 if region == "cheek" else 1))
    own = np.tile(keypoints[k], (times, 1))
    goal = np.vstack([scan, np.tile(truth[k], (times, 1))])
    before = 0.0
    step = 0
    while True:
        rows = np.vstack([Surface(vertices, faces).closest(scan), own])
        _, r, t = pose(rows, goal, False)
        error = (((rows @ r.T + t) - goal) ** 2).sum(1).mean()
        if abs(error - before) < 1e-6 or step >= 100:
            return vertices
        step += 1
        before = error
        vertices = vertices @ r.T + t
        own = own @ r.T + t


def deform(vertices, faces, cloud, marks, goals):
    """Optimal step non-rigid ICP, by sparse normal equations."""
    n = len(vertices)
    edges = np.unique(np.sort(np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    e = np.arange(len(edges))
    m = sparse.coo_matrix(
        (np.r_[np.ones(len(e)), -np.ones(len(e))], (np.r_[e, e], np.r_[edges[:, 0], edges[:, 1]])),
        shape=(len(e), n),
    )
    tree = cKDTree(cloud)

    def homogeneous(points, weights):
        rows = np.repeat(np.arange(n), 4)
        values = np.c_[points, np.ones(n)] * weights[:, None]
        return sparse.coo_matrix((values.ravel(), (rows, np.arange(4 * n))), shape=(n, 4 * n))

    def solve(alpha, g, parts):
        stiff = sparse.kron(m, np.diag(g)) * alpha
        a = sparse.vstack([stiff] + [part for part, _ in parts]).tocsc()
        b = np.vstack([np.zeros((stiff.shape[0], 3))] + [goal for _, goal in parts])
        factors = splu((a.T @ a).tocsc(), permc_spec="MMD_AT_PLUS_A")
        x = factors.solve(a.T @ b)
        # Normal equations square the condition number; a second step takes rounding back.
        return x + factors.solve(a.T @ (b - a @ x))

    current = vertices
    x, last = np.ones((4 * n, 3)), np.zeros((4 * n, 3))
    count = 0
    levels = range(3) if marks is None else range(4)
    for level in levels:
        if marks is None:
            alpha, settled = 50 * np.exp(-0.5 * level), 0.5**level
        else:
            alpha = 150.0 if level == 0 else 50 * np.exp(-0.5 * (level - 1))
            settled = 0.5 ** (level - 1)
        step = 0
        while np.linalg.norm(x - last) > settled and (marks is None or step <= 10):
            last = x
            distance, nearest = tree.query(current)
            weight = (distance < max(2 * distance.mean(), 1)).astype(float)
            data = (homogeneous(current, weight), cloud[nearest] * weight[:, None])
            if marks is None:
                x = solve(alpha, [1, 1, 1, 1], [data])
            else:
                w = np.zeros(n)
                w[marks] = 50.0 if level == 0 else 50 * np.exp(-0.9 * count) / 10
                goal = np.zeros((n, 3))
                goal[marks] = goals
                key = (homogeneous(current, w), goal * w[:, None])
                if level == 0:
                    x = solve(alpha, [2, 2, 3, 2], [key])
                else:
                    x = solve(alpha, [1, 1, 1, 1], [data, key])
            current = homogeneous(current, np.ones(n)) @ x
            step += 1
            count += 1
            if marks is not None and level == 0:
                break
    return current


def main(data, prediction, topology, subject, mask=None):
    vertices, faces = read_obj(prediction)
    _, template = read_obj(f"{data}/{topology}.obj")
    rows = np.array(json.load(open(f"{data}/{topology}.txt")))
    corners = template[rows[:, 0].astype(int)]
    weights = np.c_[rows[:, 1], rows[:, 2], 1 - rows[:, 1] - rows[:, 2]]
    marks_of = lambda v: (v[corners] * weights[:, :, None]).sum(1)
    truth, _ = read_obj(f"{data}/REALY_HIFI3D_keypoints/{subject}.obj")
    millimetres = np.loadtxt(f"{data}/metrical_scale.txt", ndmin=1)[int(subject) - 1]
    compared = faces
    if mask is not None:
        keep = np.loadtxt(mask, delimiter=",").ravel() == 1
        compared = faces[keep[faces].all(1)]

    scale, r, t = pose(marks_of(vertices)[SEVEN], truth[SEVEN], True)
    vertices = scale * vertices @ r.T + t
    result = {}
    for region in RIGID:
        scan, scan_faces = read_obj(f"{data}/REALY_scan_region/{subject}/{region}.obj")
        aligned = rigid(vertices, faces, marks_of(vertices), truth, scan, region)
        surface = Surface(aligned, compared)
        points, triangles = clean(scan, scan_faces)
        soft = SOFT[region]
        marks = None if soft is None else cKDTree(points).query(truth[soft])[1]
        goals = None if soft is None else marks_of(aligned)[soft]
        deformed = deform(points, triangles, surface.closest(points), marks, goals)
        errors = np.linalg.norm(surface.closest(deformed) - points, axis=1)
        result[region] = errors.mean() * millimetres
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
