"""Distances between two meshes a second time, with numpy and scipy.

meshes_reference.py TRUTH.obj MESH.obj TRUTH.txt MESH.txt similarity|rigid RADIUS  ->  figures as JSON

Landmarks are rows of coordinates, 68 of them; measured is what lies within RADIUS of the truth's row 30.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from now_reference import Problem, closest_points, read_obj


def landmark_pose(source, target, scaled):
    """Least squares, never a reflection."""
    a, b = source - source.mean(0), target - target.mean(0)
    rotation = Rotation.align_vectors(b, a)[0]
    turned = rotation.apply(a)
    scale = (turned * b).sum() / (a * a).sum() if scaled else 1.0
    return lambda points: scale * rotation.apply(points - source.mean(0)) + target.mean(0)


def main(truth_file, mesh_file, truth_landmarks, mesh_landmarks, align, radius):
    (truth, truth_faces), (mesh, faces) = read_obj(Path(truth_file)), read_obj(Path(mesh_file))
    landmarks, own = np.loadtxt(truth_landmarks), np.loadtxt(mesh_landmarks)
    scaled = align == "similarity"
    near = lambda points: points[np.linalg.norm(points - landmarks[30], axis=1) <= float(radius)]
    points = near(truth)
    posed = landmark_pose(own, landmarks, scaled)(mesh)
    problem = Problem(points, posed, faces, scaled)
    tight = {"ftol": 1e-14, "xtol": 1e-14, "gtol": 1e-14, "max_nfev": 300}
    found = least_squares(problem.distances, problem.start, problem.derivatives, x_scale="jac", **tight).x
    aligned = problem.move(found, posed)
    d = problem.distances(found)
    back = near(aligned)
    figures = {
        "mean": d.mean(),
        "median": np.median(d),
        "rms": np.sqrt((d**2).mean()),
        "p95": np.percentile(d, 95),
        "max": d.max(),
        "meshToTruth": np.linalg.norm(back - closest_points(back, truth, truth_faces), axis=1).mean(),
        "points": len(points),
    }
    print(json.dumps({"figures": figures, "start": problem.distances(problem.start).mean()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
