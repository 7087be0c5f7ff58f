"""The HTML-like labels and attribute lists of DOT: tags, fonts, escaping."""

from html import escape

from tinygrad_edu.drawing.metrics import Face

BARE: dict[str, object] = {"border": 0, "cellborder": 0, "cellspacing": 0, "cellpadding": 0}


def attributes(**settings: object) -> str:
    """Attributes of a graph, node or edge: ``[id="node-h", label=<...>]``."""
    return ", ".join(
        f'{name}="{setting}"' if name != "label" else f"label=<{setting}>"
        for name, setting in settings.items()
    )


def td(content: str = "", /, **settings: object) -> str:
    """A cell; with both width and height it has exactly that size."""
    if not content and "width" in settings and "height" in settings:
        settings["fixedsize"] = "TRUE"
    return f"<TD{_listed(settings)}>{content}</TD>"


def tr(*cells: str) -> str:
    """A row."""
    return f"<TR>{''.join(cells)}</TR>"


def table(*rows: str, **settings: object) -> str:
    """A table, without borders and gaps unless the settings say so."""
    return f"<TABLE{_listed(BARE | settings)}>{''.join(rows)}</TABLE>"


def lines(*texts: str) -> str:
    """Lines of text in one cell."""
    return "<BR/>".join(texts)


def font(text: str, colour: str, size: int, face: Face = "regular") -> str:
    """Text in one font: Helvetica or Courier, the two names that every engine measures correctly."""
    family = {"face": "Courier"} if face == "mono" else {}
    inner = f"<B>{escape(text)}</B>" if face == "bold" else escape(text)
    return f"<FONT{_listed({**family, 'color': colour, 'point-size': size})}>{inner}</FONT>"


def cut(text: str, longest: int) -> str:
    """One line of at most `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _listed(settings: dict[str, object]) -> str:
    return "".join(f' {name.upper()}="{escape(str(setting))}"' for name, setting in settings.items())
