"""The live drive and the page that shows it; the only room that knows the browser.

``session.Session`` is the drive that people can reach into, and needs no browser; ``page.Page`` draws its frames.
Begin with ``session`` and ``frame``.
"""
