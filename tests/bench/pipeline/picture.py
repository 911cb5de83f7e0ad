"""Horizontal bars as SVG."""
from xml.sax.saxutils import escape

WIDTH, MARGIN, LABELS, NUMBERS = 860, 24, 210, 80
BAR, GAP = 20, 8
INK, PALE = "#1f2933", "#616e7c"
COLOURS = {"passthrough": "#0f766e", "relay": "#7dbcb5", "peer": "#b8c2cc"}


def _text(x, y, words, size=13, colour=INK, anchor="start", weight="normal"):
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )


def draw(title, subtitle, panels):
    """`panels` are (title, bars), a bar is (label, value or None, kind); each panel has a scale of its own from 0."""
    parts = [
        _text(MARGIN, 36, title, 18, weight="bold"),
        _text(MARGIN, 58, subtitle, 12, PALE),
    ]
    y = 70
    for heading, bars in panels:
        y += 26
        parts.append(_text(MARGIN, y, heading, 14, weight="bold"))
        y += 12
        room = WIDTH - 2 * MARGIN - LABELS - NUMBERS
        longest = max((value for _, value, _ in bars if value), default=1)
        for label, value, kind in bars:
            middle = y + BAR * 0.7
            left = MARGIN + LABELS
            parts.append(_text(left - 10, middle, label, anchor="end"))
            length = room * (value or 0) / longest
            parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{COLOURS[kind]}"/>')
            said = "not measured" if value is None else f"{value:,.0f}"
            parts.append(_text(left + length + 8, middle, said, colour=INK if value else PALE))
            y += BAR + GAP
        y += 6
    height = y + MARGIN - 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
