"""Layouts that the library does not store, and the layout of one line of text."""

from discord import ui


def message_layout(text: str) -> ui.LayoutView:
    """Return a layout that is one line of our own words."""
    return unstored(ui.TextDisplay(text))


def unstored(*items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    """Return a layout of ``items`` that the library does not store, since its buttons are routed by custom_id."""
    view = ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
