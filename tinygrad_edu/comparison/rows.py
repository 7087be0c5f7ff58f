"""From judgements at several points to rows and findings: the worst verdict, and the reason for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.comparison.probes import Probe
from tinygrad_edu.comparison.result import Comparison
from tinygrad_edu.comparison.row import WRONG, Row
from tinygrad_edu.comparison.verdicts import SEVERITY, Judgement
from tinygrad_edu.diagnosis import Scene, diagnose
from tinygrad_edu.diagnosis.scene import same_structure
from tinygrad_edu.node import Node

GUILTY = ("own", "not-comparable")


def comparison_of(probes: Sequence[Probe]) -> Comparison:
    """The rows of all probes, with findings for those that are wrong by a mistake of their own."""
    first: dict[str, Node] = {}
    for probe in probes:
        for label, node in probe.rows.items():
            first.setdefault(label, node)
    rows = {label: _row(label, node, probes) for label, node in first.items()}
    if any(row.verdict in GUILTY for row in rows.values()):
        _explain(rows, probes)
    shown = next((p for p in probes if any(j.verdict in WRONG for j in p.judgements.values())), probes[0])
    return Comparison(tuple(rows.values()), len(probes), shown)


def _row(label: str, node: Node, probes: Sequence[Probe]) -> Row:
    """The worst that was found for one name."""
    found = [
        (probe.judgements[twin], probe.stated[twin])
        for probe in probes
        if (twin := probe.rows.get(label)) is not None and twin in probe.judgements
    ]
    if not found:
        return Row(label, node.shape, "not-compared", float("nan"), float("nan"), ())
    telling = [entry for entry in found if entry[0].tested or entry[0].verdict in WRONG] or found
    judged, stated = max(
        telling, key=lambda entry: (SEVERITY.index(entry[0].verdict), entry[0].max_relative_error)
    )
    return Row(
        label,
        node.shape,
        judged.verdict,
        judged.max_relative_error,
        judged.max_absolute_error,
        judged.worst_index,
        _note(judged, stated, node),
        (),
        judged.located,
        judged.tested,
    )


def _note(judged: Judgement, stated: Any, node: Node) -> str:
    if not judged.tested and judged.verdict in WRONG:
        return "the automatic gradient is not finite: compare at other inputs"
    if not judged.tested:
        return "a wrong sign or factor would pass too: compare at other inputs"
    if judged.verdict == "not-comparable":
        return f"has shape {np.shape(stated)}, must have {node.shape}"
    if judged.missing:
        return "the gradient is missing"
    if judged.verdict in ("own", "inherited") and judged.worst_index:
        return f"worst at [{', '.join(map(str, judged.worst_index))}]"
    return ""


def _explain(rows: dict[str, Row], probes: Sequence[Probe]) -> None:
    """Search for the mistakes; what one at a Value that was not given spoils is inherited from there."""
    guilty = [p for p in probes if any(j.verdict in GUILTY for j in p.judgements.values())]
    first = guilty[0]
    scenes = [_scene(first)]
    scenes += [scene for p in probes if p is not first and same_structure(scene := _scene(p), scenes[0])]
    places = {node: place for place, node in enumerate(first.nodes)}
    names = _names(first)
    label_at = {places[node]: label for label, node in first.rows.items()}
    wrong = {places[node] for label, node in first.rows.items() if rows[label].verdict in GUILTY}
    for place, finding, explained in diagnose(scenes, names, wrong & scenes[0].manual.keys()):
        label = label_at.get(place) or label_at[max(explained)]
        rows[label] = replace(rows[label], findings=(*rows[label].findings, finding))
        if finding.kind == "unexplained":
            continue
        for spoilt in (label_at[row] for row in explained):
            if place in scenes[0].manual and finding.place == label:
                rows[spoilt] = replace(rows[spoilt], verdict="own")
            else:
                rows[spoilt] = replace(
                    rows[spoilt], verdict="inherited", located=True, note=f"because of {finding.place}"
                )


def _scene(probe: Probe) -> Scene:
    allowed = {node: j.allowed for node, j in probe.judgements.items() if j.allowed is not None}
    return Scene(probe.nodes, probe.seed, probe.stated, allowed)


def _names(probe: Probe) -> Mapping[int, str]:
    """The names of Values and plain arrays, by identity."""
    operands = [operand for node in probe.nodes for operand in (*node.args, node)]
    named = {id(x): name for x in operands if (name := probe.labels.name_of(x)) is not None}
    return {**named, **{id(node): label for label, node in probe.rows.items()}}
