"""Pictures of graphs: values flow down one lane, gradients back up the other."""

from tinygrad_edu.drawing.drawing import Drawing

__all__ = ["Drawing"]
