"""The tree of hierarchical softmax: frequent words near the root, the expected path as short as can be."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Paths:
    """The way from the root to each word.

    Args:
        begin: (V + 1,) int64, where each word's way begins.
        nodes: inner nodes (0 to V - 2) on all ways, one word after another; V - 2 is the root.
        labels: at each of them, 1 for the left branch and 0 for the right.
    """

    begin: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int32]
    labels: npt.NDArray[np.float32]


def huffman(counts: npt.NDArray[np.int64]) -> Paths:
    """Build the tree.

    Args:
        counts: (V,), never increasing.

    Returns:
        the paths of all words.

    Cost:
        V log V at most, as all paths are written out; the tree itself takes V steps, as the counts are sorted.

    Source: Huffman 1952; Morin and Bengio 2005; Mikolov et al. 2013.

    Example:
        >>> np.diff(huffman(np.array([8, 4, 2, 1])).begin).tolist()
        [1, 2, 3, 3]
    """
    V = len(counts)
    weight = counts[::-1].tolist()  # leaves, rarest first; then inner nodes, which are made in order of weight too
    parent, branch = [0] * max(2 * V - 2, 0), [0.0] * max(2 * V - 2, 0)
    leaf, inner = 0, V
    for node in range(V, 2 * V - 1):
        total = 0
        for side in (0.0, 1.0):
            if leaf < V and (inner >= node or weight[leaf] <= weight[inner]):
                child, leaf = leaf, leaf + 1
            else:
                child, inner = inner, inner + 1
            parent[child], branch[child] = node, side
            total += weight[child]
        weight.append(total)
    begin, nodes, labels = [0], [], []
    for v in range(V):
        at, way = V - 1 - v, []
        while at < 2 * V - 2:
            way.append((parent[at] - V, branch[at]))
            at = parent[at]
        nodes += [node for node, _ in reversed(way)]
        labels += [side for _, side in reversed(way)]
        begin.append(len(nodes))
    return Paths(np.array(begin, np.int64), np.array(nodes, np.int32), np.array(labels, np.float32))
