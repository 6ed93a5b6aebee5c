"""MICC Florence by numpy and scipy, written from the protocols alone, to compare @ganfit/evaluate with.

Reads {"cases": [...]} from the file that is named and prints {"results": [...]}.
"""

import json
import sys

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree


def similarity_menpo(source, target):
    """4 x 4; scale by norms."""
    ms, mt = source.mean(0), target.mean(0)
    s, t = source - ms, target - mt
    u, _, vt = np.linalg.svd(t.T @ s)
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    linear = np.linalg.norm(t) / np.linalg.norm(s) * (u @ flip @ vt)
    return homogeneous(linear, mt - linear @ ms)


def similarity_umeyama(source, target):
    """4 x 4; scale by least squares."""
    ms, mt = source.mean(0), target.mean(0)
    s, t = source - ms, target - mt
    u, d, vt = np.linalg.svd(t.T @ s / len(s))
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    linear = (d * flip).sum() / (s**2).sum(1).mean() * (u @ np.diag(flip) @ vt)
    return homogeneous(linear, mt - linear @ ms)


def homogeneous(linear, shift):
    h = np.eye(4)
    h[:3, :3], h[:3, 3] = linear, shift
    return h


def apply(h, points):
    return points @ h[:3, :3].T + h[:3, 3]


class Surface:
    """Closest points by trying every triangle that could hold them."""

    def __init__(self, points, triangles):
        self.corners = points[triangles]
        self.centres = self.corners.mean(1)
        self.radius = np.linalg.norm(self.corners - self.centres[:, None], axis=2).max()
        self.tree = cKDTree(self.centres)
        self.vertices = cKDTree(points[np.unique(triangles)])
        normal = np.cross(
            self.corners[:, 1] - self.corners[:, 0], self.corners[:, 2] - self.corners[:, 0]
        )
        self.normals = normal / np.linalg.norm(normal, axis=1, keepdims=True)

    def candidates(self, points):
        """Triangles that could hold the closest point, its foot on each, and whose they are, point by point."""
        bound, _ = self.vertices.query(points)
        near = self.tree.query_ball_point(points, bound * (1 + 1e-9) + self.radius + 1e-9)
        counts = np.array([len(each) for each in near])
        triangles, owner = np.concatenate(near).astype(int), np.repeat(np.arange(len(points)), counts)
        feet = closest_on_triangles(points[owner], self.corners[triangles], self.normals[triangles])
        return triangles, feet, owner, np.r_[0, counts.cumsum()[:-1]]

    def closest(self, points):
        triangles, feet, owner, starts = self.candidates(points)
        distance = np.linalg.norm(feet - points[owner], axis=1)
        first = np.lexsort((distance, owner))[starts]
        return feet[first], triangles[first]

    def plane_distances(self, points):
        """Least and most along a closest triangle's normal: a point on an edge is the closest of both triangles."""
        triangles, feet, owner, starts = self.candidates(points)
        distance = np.linalg.norm(feet - points[owner], axis=1)
        least = np.minimum.reduceat(distance, starts)[owner]
        plane = np.abs(((points[owner] - feet) * self.normals[triangles]).sum(1))
        tied = distance <= least + 1e-9
        low = np.minimum.reduceat(np.where(tied, plane, np.inf), starts)
        high = np.maximum.reduceat(np.where(tied, plane, 0), starts)
        return low, high


def closest_on_triangles(p, corners, normals):
    """Row by row: the foot on the plane where it lies inside, else the nearest of the edges' closest points."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    foot = p - ((p - a) * normals).sum(1, keepdims=True) * normals
    inside = np.ones(len(a), bool)
    options = []
    for start, end in ((a, b), (b, c), (c, a)):
        edge = end - start
        inside &= (np.cross(edge, foot - start) * normals).sum(1) >= 0
        along = np.clip(((p - start) * edge).sum(1) / (edge**2).sum(1), 0, 1)
        options.append(start + along[:, None] * edge)
    options = np.stack(options, 1)
    pick = np.argmin(((options - p[:, None]) ** 2).sum(2), 1)
    result = options[np.arange(len(a)), pick]
    result[inside] = foot[inside]
    return result


def mask_around(points, triangles, nose, radius):
    near = np.linalg.norm(points - nose, axis=1) < radius
    whole = triangles[near[triangles].all(1)]
    mask = np.zeros(len(points), bool)
    mask[whole] = True
    return mask


def ganfit_direction(a, b, marks_a, marks_b, radius, topology):
    mask = mask_around(a["v"], a["t"], marks_a[30], radius)
    surface = Surface(b["v"], b["t"])
    moving = a["v"][mask]
    if topology:
        goal = b["v"][mask]
    else:
        moving = apply(similarity_menpo(marks_a, marks_b), moving)
        goal, _ = surface.closest(moving)
    previous, distance = np.inf, np.linalg.norm(moving - goal, axis=1).mean()
    steps = 0
    while previous - distance > 0.001:
        moving = apply(similarity_menpo(moving, goal), moving)
        goal, _ = surface.closest(moving)
        previous, distance = distance, np.linalg.norm(moving - goal, axis=1).mean()
        steps += 1
    return distance, steps


def ganfit(case):
    registered, reconstruction = mesh(case["scan"]), mesh(case["reconstruction"])
    template_marks = np.array(case["templateMarks"])
    scan_marks = np.array(case["scanMarks"])
    marks = apply(similarity_menpo(scan_marks, template_marks), scan_marks)
    own = np.array(case["marks"])
    both = (registered, reconstruction, marks, own), (reconstruction, registered, own, marks)
    found = [ganfit_direction(*way, case["radius"], case["topology"]) for way in both]
    return {
        "forth": found[0][0],
        "back": found[1][0],
        "score": (found[0][0] + found[1][0]) / 2,
        "steps": [found[0][1], found[1][1]],
    }


def deep3d(case):
    scan, reconstruction = mesh(case["scan"]), mesh(case["reconstruction"])
    scan_marks, marks = np.array(case["scanMarks"]), np.array(case["marks"])
    mask = mask_around(scan["v"], scan["t"], scan_marks[30], case["radius"])
    if case["forehead"] is not None:
        up = scan_marks[[36, 39, 42, 45]].mean(0) - scan_marks[[48, 54]].mean(0)
        up /= np.linalg.norm(up)
        mask &= (scan["v"] - scan_marks[17:27].mean(0)) @ up <= case["forehead"]
    target = scan["v"][mask]
    moving = apply(similarity_umeyama(marks, scan_marks), reconstruction["v"])
    previous = np.inf
    for _ in range(500):
        surface = Surface(moving, reconstruction["t"])
        goal, _ = surface.closest(target)
        distance = root_mean_square(np.linalg.norm(goal - target, axis=1))
        if previous - distance <= 1e-4:
            break
        previous = distance
        moving = apply(similarity_umeyama(goal, target), moving)
    low, high = surface.plane_distances(target)
    return {"low": root_mean_square(low), "high": root_mean_square(high)}


def root_mean_square(values):
    return np.sqrt((values**2).mean())


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def register(case):
    """The registration: similarity to the template, then menpo3d's non-rigid ICP with its defaults."""
    scan, template = mesh(case["scan"]), mesh(case["template"])
    ids = np.array(case["ids"])
    marks = np.array(case["scanMarks"])
    to_template = similarity_menpo(marks, template["v"][ids])
    target, goal = apply(to_template, scan["v"]), apply(to_template, marks)
    v = apply(similarity_menpo(template["v"][ids], goal), template["v"])
    centre, size = v.mean(0), np.linalg.norm(v.max(0) - v.min(0))
    v, target, goal = (v - centre) / size, (target - centre) / size, (goal - centre) / size
    surface = Surface(target, scan["t"])
    t = template["t"]
    edges = np.unique(np.sort(np.vstack([t[:, :2], t[:, 1:], t[:, ::2]]), 1), axis=0)
    m, n = len(edges), len(v)
    arcs = sparse.coo_matrix(
        (np.r_[-np.ones(m), np.ones(m)], (np.r_[:m, :m], edges.T.ravel())), shape=(m, n)
    )
    stiff = sparse.kron(arcs, np.eye(4)).tocsr()
    before = np.zeros((4 * n, 3))
    solves = []
    levels = zip([50, 20, 5, 2, 0.8, 0.5, 0.35, 0.2], [5, 2, 0.5, 0, 0, 0, 0, 0])
    for alpha, beta in levels:
        for count in range(1, 101):
            close, which = surface.closest(v)
            faces = unit(np.cross(v[t[:, 1]] - v[t[:, 0]], v[t[:, 2]] - v[t[:, 0]]))
            normals = np.zeros_like(v)
            for corner in range(3):
                np.add.at(normals, t[:, corner], faces)
            w = ((unit(normals) * surface.normals[which]).sum(1) > 0.9).astype(float)
            rows = np.repeat(np.arange(n), 4)
            data = sparse.csr_matrix((np.c_[v, np.ones(n)].ravel(), (rows, np.arange(4 * n))))
            a = sparse.vstack([alpha * stiff, sparse.diags(w) @ data, beta * data[ids]]).tocsc()
            b = np.vstack([np.zeros((4 * m, 3)), w[:, None] * close, beta * goal])
            x = spsolve((a.T @ a).tocsc(), a.T @ b)
            v = data @ x
            change = np.linalg.norm(x - before) / np.sqrt(x.size)
            before = x
            if change < 1e-3:
                break
        solves.append(count)
    return {"positions": (v * size + centre).ravel().tolist(), "solves": solves}


def similarity(case):
    source, target = np.array(case["from"]), np.array(case["to"])
    return {"matrix": similarity_menpo(source, target).ravel().tolist()}


def mesh(given):
    return {
        "v": np.array(given["positions"], float).reshape(-1, 3),
        "t": np.array(given["triangles"], int).reshape(-1, 3),
    }


def main():
    kinds = {"ganfit": ganfit, "deep3d": deep3d, "register": register, "similarity": similarity}
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    print(json.dumps({"results": [kinds[case["kind"]](case) for case in cases]}))


main()
