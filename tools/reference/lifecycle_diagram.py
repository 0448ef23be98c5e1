"""
The life of an app as a drawing (SVG), made from the table of its transitions.

States stand in a row; what leads to the right is an arc above, what leads back an arc below. Events that lead from the
same state to the same other share their arc, those that stay where they are have none.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from carrierpost.delivery import TRANSITIONS
from carrierpost.model import AppState, Platform

__all__ = ["diagram"]

_COLUMN, _BOX, _HIGH, _STEP = 200, 116, 34, 46
_INK, _MUTED = "#1b1b19", "#5f5e58"
_ARROW = (
    '<marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path d="M0 0 10 5 0 10z" fill="{_MUTED}"/></marker>'
)


def diagram(platform: Platform) -> str:
    """
    Draw the life of an app on a platform.
    """
    arcs: dict[tuple[AppState, AppState], list[str]] = {}
    for one in TRANSITIONS:
        if one.platform is platform and one.state is not one.to:
            arcs.setdefault((one.state, one.to), []).append(one.event)
    states = [state for state in AppState if any(state in arc for arc in arcs)]
    reach = [abs(states.index(a) - states.index(b)) for a, b in arcs]
    middle = 30 + _STEP * max(reach)
    width, height = _COLUMN * len(states), 2 * middle + _HIGH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img"'
        ' font-family="system-ui, \'Segoe UI\', Helvetica, Arial, sans-serif" font-size="13">',
        f"<title>The life of an app: {platform}</title><defs>{_ARROW}</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    labels = []
    for (state, to), events in arcs.items():
        arc, label = _arc(states.index(state), states.index(to), middle, ", ".join(events))
        parts.append(arc)
        labels.append(label)
    parts += labels
    parts += [_state(number, state, middle) for number, state in enumerate(states)]
    return "\n".join([*parts, "</svg>", ""])


def _arc(begin: int, end: int, middle: int, words: str) -> tuple[str, str]:
    forth = end > begin
    shift = 14 if forth else -14  # arcs that leave and arcs that arrive have places of their own on a box
    x1, x2 = _centre(begin) + shift, _centre(end) - shift
    y = middle if forth else middle + _HIGH
    far = (-1 if forth else 1) * _STEP * abs(end - begin)
    curve = (
        f'<path d="M{x1} {y}C{x1} {y + far} {x2} {y + far} {x2} {y}" fill="none" stroke="{_MUTED}"'
        ' stroke-width="1.3" marker-end="url(#arrow)"/>'
    )
    top = y + far * 0.75 + (-5 if forth else 14)
    label = (
        f'<text x="{(x1 + x2) / 2}" y="{top}" text-anchor="middle" fill="{_INK}" font-size="12" stroke="#ffffff"'
        f' stroke-width="4" paint-order="stroke">{escape(words)}</text>'
    )
    return curve, label


def _state(number: int, state: AppState, middle: int) -> str:
    x = _centre(number)
    return (
        f'<rect x="{x - _BOX // 2}" y="{middle}" width="{_BOX}" height="{_HIGH}" rx="8" fill="#eaf2fc"'
        f' stroke="#2a78d6" stroke-width="1.5"/>'
        f'<text x="{x}" y="{middle + 22}" text-anchor="middle" fill="{_INK}" font-weight="600">{state}</text>'
    )


def _centre(number: int) -> int:
    return _COLUMN // 2 + _COLUMN * number
