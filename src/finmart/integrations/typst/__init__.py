"""PDFs by Typst: templates of ours, values as JSON, a Chinese font that the build brings."""

from finmart.integrations.typst.client import FontsMissing, RenderFailure, render, templates

__all__ = ["FontsMissing", "RenderFailure", "render", "templates"]
