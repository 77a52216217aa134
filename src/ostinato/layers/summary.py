"""The table of a model's layers."""

from collections.abc import Sequence


def table(name: str, rows: Sequence[tuple[str, str, str, int]], frozen: int) -> str:
    """Lay the table out.

    Args:
        name: the model's.
        rows: layer, its kind, its output's shape, its parameters.
        frozen: parameters that are not trained.

    Example:
        >>> print(table("model", [("dense", "Dense", "(B, 1)", 129)], 0))
        model
        Layer (type)   Output  Parameters
        ---------------------------------
        dense (Dense)  (B, 1)         129
        ---------------------------------
        Total                         129
    """
    cells = [("Layer (type)", "Output", "Parameters")]
    cells += [(f"{layer} ({kind})", shape, f"{count:,}") for layer, kind, shape, count in rows]
    total = sum(row[3] for row in rows)
    sums = [("Total", "", f"{total:,}")]
    if frozen:
        sums += [("Trainable", "", f"{total - frozen:,}"), ("Frozen", "", f"{frozen:,}")]
    left, middle, right = (max(len(row[k]) for row in cells + sums) for k in range(3))
    lines = [f"{a:<{left}}  {b:<{middle}}  {c:>{right}}" for a, b, c in cells + sums]
    rule = "-" * len(lines[0])
    return "\n".join([name, lines[0], rule, *lines[1 : len(cells)], rule, *lines[len(cells) :]])
