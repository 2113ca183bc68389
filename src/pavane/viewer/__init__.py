"""The live drive and the page that shows it; the browser has no other home."""
